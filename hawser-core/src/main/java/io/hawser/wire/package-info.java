/**
 * Bytes to packets and back, for all versions of MQTT, over {@link java.nio.ByteBuffer}. No sockets, no threads.
 *
 * <p>Both directions speak {@link io.hawser.wire.PacketSink}: the encoder is one, the decoder calls one. A version is a
 * constructor argument. What MQTT 5.0 adds has one place per direction: properties stand between variable header and
 * payload, where each method of {@code PacketBodies} and of {@link io.hawser.wire.PacketEncoder} goes from one to the
 * other; reason codes are arguments of the sink's methods already; legal flags and lengths are
 * {@link io.hawser.wire.PacketType}'s business.
 */
@NullMarked
package io.hawser.wire;

import org.jspecify.annotations.NullMarked;
