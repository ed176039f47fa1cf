package io.hawser.wire;

import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.Qos;

/**
 * A PUBLISH that is framed well and has a field that is not allowed. Any publisher can cause that, so it concerns this
 * message and not the connection.
 *
 * @param topic the topic name, with U+FFFD for bytes that are not UTF-8; empty if it is not known
 * @param packetId 1 to 65,535, or 0 if there is none that can be answered
 * @param reason the packet, the byte and the rule
 * @param refused whether the message cannot be delivered at all; else it follows without the field
 */
public record Unreadable(
        String topic, Qos qos, int packetId, boolean duplicate, ProtocolException reason, boolean refused) {}
