package io.hawser.wire;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.TopicName;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A reader of PUBLISH up to the payload, for one packet after another: topic name or topic alias, packet identifier and
 * properties. Keeps the topic aliases of the connection.
 */
final class PublishReader {
    private static final @Nullable TopicName[] NONE = {};

    private final PacketReader in;
    private final PropertyReader properties;
    private int topicAliasMaximum;
    private @Nullable TopicName[] aliases = NONE;

    private @Nullable TopicName topic;
    private int packetId;
    /** The tolerated error for which the last packet cannot be delivered; null if it can. */
    private @Nullable ProtocolException refusal;
    /** The bytes in the place of the topic name, as text. */
    private String unreadableTopic = "";

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

    /** Reads the packet up to the payload. */
    void readHeader(boolean hasPacketId) {
        refusal = null;
        int from = in.at();
        TopicName name = readTopic(from);
        packetId = hasPacketId ? readPacketId() : 0;
        int propertiesAt = in.at();
        properties.readPublish();
        ProtocolException broken = properties.broken();
        int alias = properties.topicAlias();
        if (broken != null) {
            refuse(broken);
            // The topic alias may be among the properties that cannot be read, and mean another topic from now on.
            aliases = NONE;
        } else if (refusal != null) {
            forget(alias);
        } else if (alias != 0) {
            name = aliased(alias, name, propertiesAt);
        } else if (name == null) {
            refuse(in.protocolError(from, "topic name is empty without a topic alias [MQTT-4.7.3-1]"));
        }
        topic = name;
    }

    private @Nullable TopicName readTopic(int from) {
        try {
            return in.isMqtt5() ? in.topicOrNone("topic name") : in.topic("topic name");
        } catch (ProtocolException e) {
            refuse(e);
            in.back(from);
            unreadableTopic = in.anyText("topic name");
            return null;
        }
    }

    private int readPacketId() {
        int from = in.at();
        try {
            return in.packetId();
        } catch (ProtocolException e) {
            if (in.at() == from) {
                throw e;
            }
            refuse(e);
            return 0;
        }
    }

    /** Notes that this packet cannot be delivered; a strict reader throws the error. */
    void refuse(ProtocolException why) {
        in.tolerate(why);
        refusal = refusal == null ? why : refusal;
    }

    /** Forgets an alias that was given to a topic that cannot be read. */
    private void forget(int alias) {
        if (alias < aliases.length) {
            aliases[alias] = null;
        }
    }

    /** The error for which the last packet cannot be delivered, or null if it can. */
    @Nullable
    ProtocolException refusal() {
        return refusal;
    }

    /** The topic name of the last packet, to be shown. */
    String shownTopic() {
        TopicName name = topic;
        String unreadable = unreadableTopic;
        unreadableTopic = "";
        return name == null ? unreadable : name.toString();
    }

    private @Nullable TopicName aliased(int alias, @Nullable TopicName given, int propertiesAt) {
        if (alias > topicAliasMaximum) {
            ProtocolException above = in.error(
                    ReasonCode.TOPIC_ALIAS_INVALID,
                    propertiesAt,
                    "topic alias is " + alias + ", the topic alias maximum is " + topicAliasMaximum
                            + " [MQTT-3.3.2-11]");
            if (given == null) {
                refuse(above);
            } else {
                in.tolerate(above);
            }
            return given;
        }
        TopicName known = alias < aliases.length ? aliases[alias] : null;
        if (given == null) {
            if (known == null) {
                refuse(in.protocolError(
                        propertiesAt,
                        "topic alias " + alias + " stands for no topic yet (MQTT 5.0, section 3.3.2.3.4)"));
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
