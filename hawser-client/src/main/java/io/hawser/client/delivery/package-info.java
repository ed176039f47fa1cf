/**
 * How messages reach handlers, and what waits meanwhile: one handler at a time, its retries, and the bound on what waits. Knows a
 * mailbox and a timer ({@link io.hawser.client.delivery.HandlerContext}), not what is behind them.
 */
@NullMarked
package io.hawser.client.delivery;

import org.jspecify.annotations.NullMarked;
