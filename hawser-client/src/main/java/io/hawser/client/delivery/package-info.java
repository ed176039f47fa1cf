/**
 * The way of messages to their handlers: one handler at a time, its retries, and the bound on messages that wait. Knows
 * a mailbox and a timer ({@link io.hawser.client.delivery.HandlerContext}), but not the event loop behind them.
 */
@NullMarked
package io.hawser.client.delivery;

import org.jspecify.annotations.NullMarked;
