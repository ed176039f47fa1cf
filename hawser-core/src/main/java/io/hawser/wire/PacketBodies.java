package io.hawser.wire;

import static java.lang.Integer.toHexString;

import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolException;
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

/** Readers of variable header and payload, one method for each type of packet that comes rarely. */
final class PacketBodies {
    private PacketBodies() {}

    /** @param expected the version of the connection, or null to take any known version */
    static Connect connect(PacketReader in, PropertyReader properties, @Nullable ProtocolVersion expected) {
        ProtocolVersion version = version(in, expected);
        in.version(version);
        // MQTT 3.1 calls these bits unused or disregarded; 3.1.1 fixes their values.
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
            throw in.malformed(
                    flagsAt,
                    "will QoS is " + willQos + " without a will, must be 0 " + in.rule("3.1.2-13", "3.1.2-11"));
        }
        if (strict && !hasWill && willRetain) {
            throw in.malformed(
                    flagsAt, "will retain is 1 without a will, must be 0 " + in.rule("3.1.2-15", "3.1.2-13"));
        }
        if (hasWill && willQos == 3) {
            throw in.malformed(flagsAt, "will QoS is 3, must be 0, 1 or 2 " + in.rule("3.1.2-14", "3.1.2-12"));
        }
        boolean hasUserName = (flags & ConnectFlags.USER_NAME) != 0;
        boolean hasPassword = (flags & ConnectFlags.PASSWORD) != 0;
        if (hasPassword && !hasUserName && !in.isMqtt5()) {
            throw in.malformed(flagsAt, "password flag is 1 without a user name [MQTT-3.1.2-22]");
        }
        int keepAlive = in.u16("keep alive");
        Properties ofConnect = properties.read(PacketType.CONNECT);
        String clientId = in.text("client identifier");
        Will will = hasWill ? will(in, properties, Qos.of(willQos), willRetain) : null;
        Credentials credentials =
                hasUserName ? credentials(in, hasPassword, strict) : hasPassword ? password(in) : null;
        in.end();
        boolean cleanSession = (flags & ConnectFlags.CLEAN_SESSION) != 0;
        return new Connect(version, clientId, cleanSession, keepAlive, will, credentials, ofConnect);
    }

    private static Will will(PacketReader in, PropertyReader properties, Qos qos, boolean retain) {
        properties.readWill();
        TopicName topic = in.topic("will topic");
        Message message = Message.of(topic, in.binary("will message"), qos, retain);
        return new Will(properties.applyTo(message), properties.willDelay());
    }

    private static Credentials password(PacketReader in) {
        return Credentials.ofPassword(in.binary("password"));
    }

    /**
     * Reads user name and password. In MQTT 3.1 the remaining length takes precedence over the flags: announced fields
     * may be missing at the end.
     */
    private static @Nullable Credentials credentials(PacketReader in, boolean hasPassword, boolean strict) {
        if (!strict && in.remaining() == 0) {
            return null;
        }
        String userName = in.text("user name");
        if (!hasPassword || !strict && in.remaining() == 0) {
            return named(in, userName, null);
        }
        return named(in, userName, in.binary("password"));
    }

    /**
     * Credentials with this user name. A user name that a program may not send is rejected here, too, as Mosquitto
     * does.
     */
    private static Credentials named(PacketReader in, String userName, byte @Nullable [] password) {
        try {
            return password == null ? Credentials.of(userName) : Credentials.of(userName, password);
        } catch (IllegalArgumentException e) {
            throw in.malformed(in.at(), String.valueOf(e.getMessage()));
        }
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

    static ConnAck connAck(PacketReader in, PropertyReader properties) {
        int flagsAt = in.at();
        int flags = in.u8("acknowledge flags");
        if (in.version() == ProtocolVersion.MQTT_3_1) {
            flags = 0; // MQTT 3.1 reserves the bits, and fixes no value.
        }
        if ((flags & ~1) != 0) {
            throw in.malformed(
                    flagsAt,
                    "acknowledge flags are 0x" + toHexString(flags) + ", the upper seven bits must be 0 "
                            + in.rule("2.2.2-1", "3.2.2-1"));
        }
        ReasonCode reasonCode =
                in.isMqtt5() && in.remaining() > 1 ? reasonCode(in, PacketType.CONNACK) : returnCode(in);
        boolean sessionPresent = flags == 1;
        if (sessionPresent && reasonCode != ReasonCode.SUCCESS) {
            in.tolerate(in.protocolError(
                    flagsAt,
                    "session present is 1 beside " + reasonCode + ", must be 0 " + in.rule("3.2.2-4", "3.2.2-6")));
            sessionPresent = false;
        }
        Properties ofConnAck =
                in.isMqtt5() && in.remaining() == 0 ? Properties.NONE : properties.read(PacketType.CONNACK);
        in.end();
        return new ConnAck(sessionPresent, reasonCode, ofConnAck);
    }

    /**
     * The last byte of a CONNACK of MQTT 3.x, with which a broker without MQTT 5.0 also refuses MQTT 5.0. Some brokers
     * put the reason code of MQTT 5.0 there.
     */
    private static ReasonCode returnCode(PacketReader in) {
        int at = in.at();
        int returnCode = in.u8("return code");
        if (!in.isMqtt5() && returnCode > 5) {
            ProtocolException unknown =
                    in.malformed(at, "return code is " + returnCode + ", must be 0 to 5 [MQTT-3.2.2-6]");
            in.tolerate(unknown);
            if (returnCode < 0x80) {
                throw unknown;
            }
            return ReasonCode.of(returnCode);
        }
        if (returnCode == ReasonCode.UNSUPPORTED_PROTOCOL_VERSION.code()) {
            return ReasonCode.UNSUPPORTED_PROTOCOL_VERSION;
        }
        if (in.isMqtt5() && in.isTolerant() && returnCode >= 0x80) {
            return ReasonCode.of(returnCode);
        }
        if (in.isMqtt5() && (returnCode == 0 || returnCode > 5)) {
            throw in.malformed(in.at(), "property length is missing; the packet's remaining length is too short");
        }
        return ReasonCode.ofConnectReturnCode(returnCode);
    }

    /**
     * A reason code of MQTT 5.0. A tolerant reader takes any code from 0x80 on as a refusal, whatever table the code is
     * from, and keeps its number; takes a code of MQTT 3.x in CONNACK, as Moquette sends it; and takes any other code
     * in an acknowledgement as success.
     */
    private static ReasonCode reasonCode(PacketReader in, PacketType packet) {
        int at = in.at();
        int code = in.u8("reason code");
        ReasonCode reasonCode = ReasonCode.of(code);
        if (!ReasonCodes.of(packet).contains(reasonCode)) {
            ProtocolException misplaced = in.protocolError(
                    at,
                    "reason code is 0x" + toHexString(code) + (reasonCode.isKnown() ? " (" + reasonCode + ")" : "")
                            + ", which does not belong there " + ReasonCodes.rule(packet));
            in.tolerate(misplaced);
            return tolerated(reasonCode, packet, misplaced);
        }
        return reasonCode;
    }

    private static ReasonCode tolerated(ReasonCode given, PacketType packet, ProtocolException misplaced) {
        if (packet == PacketType.AUTH) {
            throw misplaced;
        }
        if (given.isError() || packet == PacketType.DISCONNECT) {
            return given;
        }
        if (packet != PacketType.CONNACK) {
            return ReasonCode.SUCCESS;
        }
        if (given.code() > 5) {
            throw misplaced;
        }
        return ReasonCode.ofConnectReturnCode(given.code());
    }

    /** The reason code at a packet's end; if it is absent, success. */
    static ReasonCode optionalReasonCode(PacketReader in, PacketType packet) {
        return in.remaining() == 0 ? ReasonCode.SUCCESS : reasonCode(in, packet);
    }

    /** The properties at a packet's end; both they and their length may be absent. */
    static Properties optionalProperties(PacketReader in, PropertyReader properties, PacketType packet) {
        if (in.remaining() == 0) {
            return Properties.NONE;
        }
        Properties read = properties.read(packet);
        in.end();
        return read;
    }

    static Subscribe subscribe(PacketReader in, PropertyReader properties, boolean duplicate) {
        int packetId = in.packetId();
        Properties ofSubscribe = properties.read(PacketType.SUBSCRIBE);
        int identifier = properties.subscriptionIdentifier();
        List<Subscription> subscriptions = new ArrayList<>();
        if (in.remaining() == 0) {
            throw in.protocolError(
                    in.at(), "has no topic filter, must have at least one " + in.rule("3.8.3-3", "3.8.3-2"));
        }
        while (in.remaining() > 0) {
            subscriptions.add(SubscriptionOptions.read(in, in.filter(), identifier));
        }
        return new Subscribe(packetId, subscriptions, ofSubscribe, duplicate);
    }

    static SubAck subAck(PacketReader in, PropertyReader properties) {
        int packetId = in.packetId();
        Properties ofSubAck = properties.read(PacketType.SUBACK);
        if (in.remaining() == 0) {
            throw in.protocolError(
                    in.at(), "has no return code, must have one per topic filter " + in.rule("3.8.4-5", "3.8.4-6"));
        }
        List<ReasonCode> codes = new ArrayList<>();
        while (in.remaining() > 0) {
            codes.add(in.isMqtt5() ? reasonCode(in, PacketType.SUBACK) : granted(in));
        }
        return new SubAck(packetId, codes, ofSubAck);
    }

    private static ReasonCode granted(PacketReader in) {
        int at = in.at();
        int code = in.u8("return code");
        return switch (code) {
            case 0 -> ReasonCode.SUCCESS;
            case 1 -> ReasonCode.GRANTED_QOS_1;
            case 2 -> ReasonCode.GRANTED_QOS_2;
            default -> {
                boolean old = in.version() == ProtocolVersion.MQTT_3_1;
                if (code == 0x80 && !old) {
                    yield ReasonCode.UNSPECIFIED_ERROR;
                }
                String allowed = old ? "0, 1 or 2 in MQTT 3.1" : "0, 1, 2 or 0x80";
                in.tolerate(in.malformed(
                        at, "return code is 0x" + toHexString(code) + ", must be " + allowed + " [MQTT-3.9.3-2]"));
                yield code < 0x80 ? ReasonCode.SUCCESS : ReasonCode.of(code);
            }
        };
    }

    static Unsubscribe unsubscribe(PacketReader in, PropertyReader properties, boolean duplicate) {
        int packetId = in.packetId();
        Properties ofUnsubscribe = properties.read(PacketType.UNSUBSCRIBE);
        if (in.remaining() == 0) {
            throw in.protocolError(in.at(), "has no topic filter, must have at least one [MQTT-3.10.3-2]");
        }
        List<TopicFilter> filters = new ArrayList<>();
        while (in.remaining() > 0) {
            filters.add(in.filter());
        }
        return new Unsubscribe(packetId, filters, ofUnsubscribe, duplicate);
    }

    static UnsubAck unsubAck(PacketReader in, PropertyReader properties) {
        int packetId = in.packetId();
        Properties ofUnsubAck = properties.read(PacketType.UNSUBACK);
        if (!in.isMqtt5()) {
            return new UnsubAck(packetId, List.of(), ofUnsubAck);
        }
        if (in.remaining() == 0) {
            throw in.protocolError(in.at(), "has no reason code, must have one per topic filter [MQTT-3.11.3-2]");
        }
        List<ReasonCode> codes = new ArrayList<>();
        while (in.remaining() > 0) {
            codes.add(reasonCode(in, PacketType.UNSUBACK));
        }
        return new UnsubAck(packetId, codes, ofUnsubAck);
    }

    /** Hands AUTH to the sink. All forms but the short form of success have an authentication method. */
    static void auth(PacketReader in, PropertyReader properties, PacketSink sink) {
        if (in.remaining() == 0) {
            sink.auth(ReasonCode.SUCCESS, Properties.NONE);
            return;
        }
        ReasonCode reasonCode = reasonCode(in, PacketType.AUTH);
        int at = in.at();
        Properties ofAuth = properties.read(PacketType.AUTH);
        in.end();
        if (!ofAuth.has(Property.AUTHENTICATION_METHOD)) {
            throw in.protocolError(at, "AUTHENTICATION_METHOD is missing [MQTT-4.12.0-5]");
        }
        sink.auth(reasonCode, ofAuth);
    }
}
