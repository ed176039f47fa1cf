package io.hawser.wire;

import static java.lang.Integer.toHexString;

import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.TopicName;
import io.hawser.mqtt.Will;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads variable header and payload of the packets that come rarely, one method each. */
final class PacketBodies {
    private PacketBodies() {}

    /** @param expected the version that the connection speaks, or null to take any known one */
    static Connect connect(PacketReader in, @Nullable ProtocolVersion expected) {
        ProtocolVersion version = version(in, expected);
        // MQTT 3.1 calls these bits unused or disregarded where 3.1.1 fixes them.
        boolean strict = version != ProtocolVersion.MQTT_3_1;
        int flagsAt = in.at();
        int flags = in.u8("connect flags");
        if (strict && (flags & ConnectFlags.RESERVED) != 0) {
            throw in.malformed(flagsAt, "reserved connect flag is 1, must be 0 [MQTT-3.1.2-3]");
        }
        boolean hasWill = (flags & ConnectFlags.WILL) != 0;
        int willQos = (flags & ConnectFlags.WILL_QOS) >> ConnectFlags.WILL_QOS_SHIFT;
        boolean willRetain = (flags & ConnectFlags.WILL_RETAIN) != 0;
        if (strict && !hasWill && willQos != 0) {
            throw in.malformed(flagsAt, "will QoS is " + willQos + " without a will, must be 0 [MQTT-3.1.2-13]");
        }
        if (strict && !hasWill && willRetain) {
            throw in.malformed(flagsAt, "will retain is 1 without a will, must be 0 [MQTT-3.1.2-15]");
        }
        if (hasWill && willQos == 3) {
            throw in.malformed(flagsAt, "will QoS is 3, must be 0, 1 or 2 [MQTT-3.1.2-14]");
        }
        boolean hasUserName = (flags & ConnectFlags.USER_NAME) != 0;
        boolean hasPassword = (flags & ConnectFlags.PASSWORD) != 0;
        if (hasPassword && !hasUserName) {
            throw in.malformed(flagsAt, "password flag is 1 without a user name [MQTT-3.1.2-22]");
        }
        int keepAlive = in.u16("keep alive");
        String clientId = in.text("client identifier");
        Will will = null;
        if (hasWill) {
            TopicName topic = in.topic("will topic");
            will = Will.of(Message.of(topic, in.binary("will message"), Qos.of(willQos), willRetain));
        }
        Credentials credentials = hasUserName ? credentials(in, hasPassword, strict) : null;
        in.end();
        boolean cleanSession = (flags & ConnectFlags.CLEAN_SESSION) != 0;
        return new Connect(version, clientId, cleanSession, keepAlive, will, credentials);
    }

    /** In MQTT 3.1 the remaining length takes precedence over the flags: announced fields may be missing at the end. */
    private static @Nullable Credentials credentials(PacketReader in, boolean hasPassword, boolean strict) {
        if (!strict && in.remaining() == 0) {
            return null;
        }
        String userName = in.text("user name");
        if (!hasPassword || !strict && in.remaining() == 0) {
            return Credentials.of(userName);
        }
        return Credentials.of(userName, in.binary("password"));
    }

    private static ProtocolVersion version(PacketReader in, @Nullable ProtocolVersion expected) {
        int nameAt = in.at();
        String name = in.text("protocol name");
        int levelAt = in.at();
        int level = in.u8("protocol level");
        boolean knownName = false;
        for (ProtocolVersion version : ProtocolVersion.values()) {
            boolean sameName = version.protocolName().equals(name);
            knownName |= sameName;
            if (sameName && version.level() == level && (expected == null || version == expected)) {
                return version;
            }
        }
        String wanted = expected == null ? "" : ", this connection speaks " + expected;
        throw knownName
                ? in.error(
                        ReasonCode.UNSUPPORTED_PROTOCOL_VERSION,
                        levelAt,
                        "protocol level " + level + " of '" + name + "' is not supported" + wanted + " [MQTT-3.1.2-2]")
                : in.error(
                        ReasonCode.UNSUPPORTED_PROTOCOL_VERSION,
                        nameAt,
                        "protocol name is neither MQTT nor MQIsdp" + wanted + " [MQTT-3.1.2-1]");
    }

    static ConnAck connAck(PacketReader in, ProtocolVersion version) {
        int flagsAt = in.at();
        int flags = in.u8("acknowledge flags");
        int returnCode = in.u8("return code");
        in.end();
        if (version == ProtocolVersion.MQTT_3_1) {
            flags = 0; // reserved there, with no value fixed
        }
        if ((flags & ~1) != 0) {
            throw in.malformed(
                    flagsAt,
                    "acknowledge flags are 0x" + toHexString(flags)
                            + ", the upper seven bits must be 0 [MQTT-2.2.2-1]");
        }
        if (returnCode > 5) {
            throw in.malformed(flagsAt + 1, "return code is " + returnCode + ", must be 0 to 5 [MQTT-3.2.2-6]");
        }
        boolean sessionPresent = flags == 1;
        if (sessionPresent && returnCode != 0) {
            throw in.protocolError(
                    flagsAt, "session present is 1 beside return code " + returnCode + ", must be 0 [MQTT-3.2.2-4]");
        }
        return new ConnAck(sessionPresent, ReasonCode.ofConnectReturnCode(returnCode));
    }

    static Subscribe subscribe(PacketReader in, boolean duplicate) {
        int packetId = in.packetId();
        List<Subscription> subscriptions = new ArrayList<>();
        if (in.remaining() == 0) {
            throw in.protocolError(in.at(), "has no topic filter, must have at least one [MQTT-3.8.3-3]");
        }
        while (in.remaining() > 0) {
            TopicFilter filter = in.filter();
            int qosAt = in.at();
            int qos = in.u8("requested QoS");
            if (qos > 2) {
                throw in.malformed(
                        qosAt, "requested QoS byte is 0x" + toHexString(qos) + ", must be 0, 1 or 2 [MQTT-3.8.3-4]");
            }
            subscriptions.add(new Subscription(filter, Qos.of(qos)));
        }
        return new Subscribe(packetId, subscriptions, duplicate);
    }

    static SubAck subAck(PacketReader in, ProtocolVersion version) {
        int packetId = in.packetId();
        if (in.remaining() == 0) {
            throw in.protocolError(in.at(), "has no return code, must have one per topic filter [MQTT-3.8.4-5]");
        }
        List<ReasonCode> codes = new ArrayList<>();
        while (in.remaining() > 0) {
            int at = in.at();
            codes.add(granted(in, at, in.u8("return code"), version));
        }
        return new SubAck(packetId, codes);
    }

    private static ReasonCode granted(PacketReader in, int at, int code, ProtocolVersion version) {
        return switch (code) {
            case 0 -> ReasonCode.SUCCESS;
            case 1 -> ReasonCode.GRANTED_QOS_1;
            case 2 -> ReasonCode.GRANTED_QOS_2;
            default -> {
                if (code == 0x80 && version != ProtocolVersion.MQTT_3_1) {
                    yield ReasonCode.UNSPECIFIED_ERROR;
                }
                String allowed = version == ProtocolVersion.MQTT_3_1 ? "0, 1 or 2 in MQTT 3.1" : "0, 1, 2 or 0x80";
                throw in.malformed(
                        at, "return code is 0x" + toHexString(code) + ", must be " + allowed + " [MQTT-3.9.3-2]");
            }
        };
    }

    static Unsubscribe unsubscribe(PacketReader in, boolean duplicate) {
        int packetId = in.packetId();
        if (in.remaining() == 0) {
            throw in.protocolError(in.at(), "has no topic filter, must have at least one [MQTT-3.10.3-2]");
        }
        List<TopicFilter> filters = new ArrayList<>();
        while (in.remaining() > 0) {
            filters.add(in.filter());
        }
        return new Unsubscribe(packetId, filters, duplicate);
    }

    static UnsubAck unsubAck(PacketReader in) {
        return new UnsubAck(in.packetId(), List.of());
    }
}
