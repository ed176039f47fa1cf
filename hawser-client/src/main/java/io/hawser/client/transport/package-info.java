/** Moves bytes between the client and the network, on the JDK's selectors; TLS is a filter over them. */
@NullMarked
package io.hawser.client.transport;

import org.jspecify.annotations.NullMarked;
