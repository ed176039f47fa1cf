/**
 * The codec: bytes to packets and back, for all versions of MQTT, over {@link java.nio.ByteBuffer}. No sockets, no
 * threads.
 *
 * <p>Both directions speak {@link io.hawser.wire.PacketSink}: the encoder is a sink, the decoder calls one. A version
 * is a constructor argument, and every packet has one method per direction, whatever the version. The additions of MQTT
 * 5.0 are tables: {@link io.hawser.wire.Property} (types, values and places of properties), {@code ReasonCodes} (the
 * codes of each packet), {@link io.hawser.wire.PacketType} (flags and lengths). {@code PropertyReader} and
 * {@code PropertyWriter} are the only code that knows the encoding of properties; in 3.x they read and write nothing.
 *
 * <p>The codec does not judge rules about the sequence and direction of packets: a second CONNACK, AUTH out of turn,
 * packets that only a server or only a client may send, and the numbers that a connection has agreed on. Topic aliases
 * are the one exception: they belong to one connection, and never leave this package.
 */
@NullMarked
package io.hawser.wire;

import org.jspecify.annotations.NullMarked;
