/**
 * A client on its event loop: the mailbox of commands, turns, what waits until the store is safe, and the life of each network
 * connection.
 */
@NullMarked
package io.hawser.client.loop;

import org.jspecify.annotations.NullMarked;
