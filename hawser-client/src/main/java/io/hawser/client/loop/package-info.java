/**
 * A client on its event loop: the mailbox of commands, the turns, the gate where output waits until the store is safe,
 * and the life of each network connection.
 */
@NullMarked
package io.hawser.client.loop;

import org.jspecify.annotations.NullMarked;
