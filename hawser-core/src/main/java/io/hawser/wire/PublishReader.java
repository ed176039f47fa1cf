package io.hawser.wire;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.TopicName;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads what stands before the payload of one PUBLISH after another: topic name, or the topic alias for it, packet identifier
 * and properties. Keeps the aliases of the connection.
 */
final class PublishReader {
    private static final @Nullable TopicName[] NONE = {};

    private final PacketReader in;
    private final PropertyReader properties;
    private int topicAliasMaximum;
    private @Nullable TopicName[] aliases = NONE;

    private @Nullable TopicName topic;
    private int packetId;

    PublishReader(PacketReader in, PropertyReader properties) {
        this.in = in;
        this.properties = properties;
    }

    void topicAliasMaximum(int maximum) {
        if (maximum < 0 || maximum > 65_535) {
            throw new IllegalArgumentException("topic alias maximum is " + maximum + ", must be 0 to 65535");
        }
        topicAliasMaximum = maximum;
    }

    /** Reads up to the payload. */
    void readHeader(boolean hasPacketId) {
        int from = in.at();
        TopicName name = in.isMqtt5() ? in.topicOrNone("topic name") : in.topic("topic name");
        packetId = hasPacketId ? in.packetId() : 0;
        int propertiesAt = in.at();
        properties.readPublish();
        int alias = properties.topicAlias();
        if (alias != 0) {
            name = aliased(alias, name, propertiesAt);
        } else if (name == null) {
            throw in.protocolError(from, "topic name is empty without a topic alias [MQTT-4.7.3-1]");
        }
        topic = name;
    }

    private TopicName aliased(int alias, @Nullable TopicName given, int propertiesAt) {
        if (alias > topicAliasMaximum) {
            throw in.error(
                    ReasonCode.TOPIC_ALIAS_INVALID,
                    propertiesAt,
                    "topic alias is " + alias + ", the topic alias maximum is " + topicAliasMaximum
                            + " [MQTT-3.3.2-11]");
        }
        TopicName known = alias < aliases.length ? aliases[alias] : null;
        if (given == null) {
            if (known == null) {
                throw in.protocolError(
                        propertiesAt,
                        "topic alias " + alias + " stands for no topic yet (MQTT 5.0, section 3.3.2.3.4)");
            }
            return known;
        }
        if (alias >= aliases.length) {
            aliases = Arrays.copyOf(aliases, Math.min(Math.max(alias + 1, 2 * aliases.length), topicAliasMaximum + 1));
        }
        aliases[alias] = given;
        return given;
    }

    /** The message whose header was read last, with this payload. */
    Message message(byte[] payload, Qos qos, boolean retain) {
        TopicName name = topic;
        if (name == null) {
            throw new IllegalStateException("no PUBLISH has begun");
        }
        topic = null;
        return properties.applyTo(Message.of(name, payload, qos, retain));
    }

    int packetId() {
        return packetId;
    }
}
