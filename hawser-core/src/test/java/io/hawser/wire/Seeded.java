package io.hawser.wire;

import static io.hawser.mqtt.ProtocolVersion.MQTT_3_1;
import static io.hawser.mqtt.ProtocolVersion.MQTT_5;
import static io.hawser.wire.Properties.NONE;

import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.Subscription.RetainHandling;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.TopicName;
import io.hawser.mqtt.UserProperty;
import io.hawser.mqtt.Will;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** Packets that one seed decides. */
final class Seeded {
    private static final PacketType[] TYPES = PacketType.values();

    final SplittableRandom random;
    private final ProtocolVersion version;
    private final boolean isMqtt5;
    private final boolean ofBroker;

    /** @param ofBroker whether messages may have subscription identifiers */
    Seeded(long seed, ProtocolVersion version, boolean ofBroker) {
        random = new SplittableRandom(seed);
        this.version = version;
        this.isMqtt5 = version == MQTT_5;
        this.ofBroker = ofBroker;
    }

    /** Hands one legal packet of the version to the sink. */
    void packet(PacketSink sink) {
        boolean old = version == MQTT_3_1;
        PacketType type = TYPES[random.nextInt(isMqtt5 ? 15 : 14)];
        switch (type) {
            case CONNECT ->
                sink.connect(new Connect(
                        version, text(0, 40), flip(), random.nextInt(65_536), will(), credentials(), properties(type)));
            case CONNACK -> {
                ReasonCode code = isMqtt5 ? code(type) : ReasonCode.ofConnectReturnCode(random.nextInt(6));
                sink.connAck(new ConnAck(code == ReasonCode.SUCCESS && !old && flip(), code, properties(type)));
            }
            case PUBLISH -> {
                Message message = message(random.nextInt(50) == 0 ? 60_000 : 300);
                boolean acknowledged = message.qos() != Qos.AT_MOST_ONCE;
                sink.publish(message, acknowledged ? packetId() : 0, acknowledged && flip());
            }
            case PUBACK -> sink.pubAck(packetId(), code(type), properties(type));
            case PUBREC -> sink.pubRec(packetId(), code(type), properties(type));
            case PUBREL -> sink.pubRel(packetId(), code(type), properties(type), old && flip());
            case PUBCOMP -> sink.pubComp(packetId(), code(type), properties(type));
            case SUBSCRIBE -> {
                int identifier = isMqtt5 && flip() ? 1 + random.nextInt(Subscription.MAXIMUM_IDENTIFIER) : 0;
                List<Subscription> some = some(() -> subscription(identifier));
                sink.subscribe(new Subscribe(packetId(), some, properties(type), old && flip()));
            }
            case SUBACK ->
                sink.subAck(new SubAck(packetId(), some(() -> isMqtt5 ? code(type) : granted(old)), properties(type)));
            case UNSUBSCRIBE ->
                sink.unsubscribe(new Unsubscribe(packetId(), some(this::filter), properties(type), old && flip()));
            case UNSUBACK ->
                sink.unsubAck(new UnsubAck(packetId(), isMqtt5 ? some(() -> code(type)) : List.of(), properties(type)));
            case PINGREQ -> sink.pingReq();
            case PINGRESP -> sink.pingResp();
            case DISCONNECT -> sink.disconnect(code(type), properties(type));
            case AUTH -> sink.auth(code(type), properties(type).with(Property.AUTHENTICATION_METHOD, text(0, 9)));
        }
    }

    boolean flip() {
        return random.nextBoolean();
    }

    private Qos qos() {
        return Qos.of(random.nextInt(3));
    }

    private int packetId() {
        return 1 + random.nextInt(65_535);
    }

    private ReasonCode code(PacketType type) {
        if (!isMqtt5 || flip()) {
            return ReasonCode.SUCCESS;
        }
        List<ReasonCode> codes =
                List.copyOf(ReasonCodes.of(type)).stream().sorted().toList();
        return codes.get(random.nextInt(codes.size()));
    }

    private ReasonCode granted(boolean old) {
        ReasonCode[] codes = {
            ReasonCode.SUCCESS, ReasonCode.GRANTED_QOS_1, ReasonCode.GRANTED_QOS_2, ReasonCode.UNSPECIFIED_ERROR
        };
        return codes[random.nextInt(old ? 3 : 4)];
    }

    private Properties properties(PacketType type) {
        Properties some = NONE;
        if (!isMqtt5 || flip()) {
            return some;
        }
        for (Property property : Property.values()) {
            if (property.allowedIn(type) && property != Property.SUBSCRIPTION_IDENTIFIER && random.nextInt(3) == 0) {
                some = withRandom(some, property);
            }
        }
        return some.has(Property.AUTHENTICATION_DATA) ? some.with(Property.AUTHENTICATION_METHOD, text(0, 9)) : some;
    }

    private Properties withRandom(Properties some, Property property) {
        return switch (property.type()) {
            case TEXT -> some.with(property, text(0, 20));
            case BINARY -> some.with(property, bytes(20));
            case PAIR -> some.with(userProperties());
            default -> some.with(property, number(property));
        };
    }

    /** The ends of the range as often as all that is between. */
    private long number(Property property) {
        return switch (random.nextInt(4)) {
            case 0 -> property.least();
            case 1 -> property.most();
            default -> random.nextLong(property.least(), property.most() + 1);
        };
    }

    private List<UserProperty> userProperties() {
        return some(() -> new UserProperty(text(0, 9), text(0, 9)));
    }

    private <T> List<T> some(Supplier<T> each) {
        List<T> list = new ArrayList<>();
        for (int i = random.nextInt(5); i >= 0; i--) {
            list.add(each.get());
        }
        return list;
    }

    private Will will() {
        if (flip()) {
            return null;
        }
        Will will = Will.of(message(50).subscriptionIdentifiers(List.of()));
        return isMqtt5 && flip() ? will.delay(Duration.ofSeconds(number(Property.WILL_DELAY_INTERVAL))) : will;
    }

    private Credentials credentials() {
        return switch (random.nextInt(isMqtt5 ? 4 : 3)) {
            case 0 -> null;
            case 1 -> Credentials.of(text(0, 9));
            case 2 -> Credentials.of(text(0, 9), bytes(20));
            default -> Credentials.ofPassword(bytes(20));
        };
    }

    private Message message(int maximumPayload) {
        String topic = flip() ? "topic/" + random.nextInt(6) : text(1, 30);
        Message message = Message.of(TopicName.of(topic), bytes(maximumPayload), qos(), flip());
        return isMqtt5 && flip() ? withAttributes(message) : message;
    }

    private Message withAttributes(Message plain) {
        Message message = plain.utf8(flip());
        if (flip()) {
            message = message.expiry(Duration.ofSeconds(number(Property.MESSAGE_EXPIRY_INTERVAL)));
        }
        if (flip()) {
            message = message.contentType(text(0, 9));
        }
        if (flip()) {
            message = message.responseTopic(text(1, 9)).correlationData(bytes(9));
        }
        if (flip()) {
            message = message.userProperties(userProperties());
        }
        return ofBroker && flip()
                ? message.subscriptionIdentifiers(some(() -> 1 + random.nextInt(Subscription.MAXIMUM_IDENTIFIER)))
                : message;
    }

    private Subscription subscription(int identifier) {
        Subscription subscription = new Subscription(filter(), qos());
        if (!isMqtt5) {
            return subscription;
        }
        return subscription
                .noLocal(!subscription.filter().isShared() && flip())
                .retainAsPublished(flip())
                .retainHandling(RetainHandling.values()[random.nextInt(3)])
                .identifier(identifier);
    }

    private TopicFilter filter() {
        String filter = text(1, 10);
        return TopicFilter.of(
                switch (random.nextInt(5)) {
                    case 0 -> "#";
                    case 1 -> filter + "/#";
                    case 2 -> "+/" + filter;
                    case 3 -> "$share/g/" + filter;
                    default -> filter;
                });
    }

    private byte[] bytes(int maximum) {
        byte[] bytes = new byte[random.nextInt(maximum + 1)];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Text of all UTF-8 lengths, without wildcards. */
    private String text(int minimum, int maximum) {
        StringBuilder text = new StringBuilder();
        for (int left = random.nextInt(minimum, maximum + 1); left > 0; left--) {
            int c = switch (random.nextInt(6)) {
                case 0 -> random.nextInt(0x80, 0x800);
                case 1 -> random.nextInt(0x800, 0xD800);
                case 2 -> random.nextInt(0xE000, 0x10000);
                case 3 -> random.nextInt(0x10000, 0x110000);
                default -> random.nextInt(1, 0x80);
            };
            boolean unwelcome = Character.isISOControl(c) || (c & 0xFFFE) == 0xFFFE || c >= 0xFDD0 && c <= 0xFDEF;
            text.appendCodePoint(unwelcome || c == '+' || c == '#' || c == '$' ? '/' : c);
        }
        return text.toString();
    }
}
