/** Moves bytes between the client and the network; the only package that knows Netty. */
@NullMarked
package io.hawser.client.transport;

import org.jspecify.annotations.NullMarked;
