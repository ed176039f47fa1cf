package io.hawser.wire;

import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.Qos;

/**
 * A PUBLISH that is framed as it should be and has a field that is not allowed. Any program that may publish can bring that about,
 * so it concerns this message and not the connection.
 *
 * @param topic its topic name, with U+FFFD for what is no UTF-8; empty if it has none that is known
 * @param packetId 1 to 65,535, or 0 if it has none that can be answered
 * @param reason the packet, the byte and the rule
 * @param refused whether nothing is left of it that could be delivered; else the message follows, without the field
 */
public record Unreadable(
        String topic, Qos qos, int packetId, boolean duplicate, ProtocolException reason, boolean refused) {}
