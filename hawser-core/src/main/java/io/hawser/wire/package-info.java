/**
 * Bytes to packets and back, for all versions of MQTT, over {@link java.nio.ByteBuffer}. No sockets, no threads.
 *
 * <p>Both directions speak {@link io.hawser.wire.PacketSink}: the encoder is one, the decoder calls one. A version is a
 * constructor argument, and every packet has one method per direction, whatever the version. What MQTT 5.0 adds stands in
 * tables of its own: {@link io.hawser.wire.Property} (types, values and places of properties), {@code ReasonCodes} (which
 * packet may carry which), {@link io.hawser.wire.PacketType} (flags and lengths). {@code PropertyReader} and
 * {@code PropertyWriter} are the only code that knows how properties look; in 3.x they read and write nothing.
 *
 * <p>Not judged here is what depends on who speaks when: a second CONNACK, AUTH out of turn, what only a server or only a
 * client may send, and the numbers that a connection has agreed on. The one exception are topic aliases, which belong to one
 * connection and never leave this package.
 */
@NullMarked
package io.hawser.wire;

import org.jspecify.annotations.NullMarked;
