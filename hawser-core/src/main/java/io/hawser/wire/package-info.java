/** Bytes to packets and back, for every version of the protocol, over {@link java.nio.ByteBuffer}. */
@NullMarked
package io.hawser.wire;

import org.jspecify.annotations.NullMarked;
