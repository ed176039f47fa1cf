package io.hawser.wire;

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
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** Packets that one seed decides. */
final class Seeded {
    final SplittableRandom random;

    Seeded(long seed) {
        random = new SplittableRandom(seed);
    }

    /** Hands one legal packet of this version to the sink. */
    void packet(ProtocolVersion version, PacketSink sink) {
        boolean old = version == ProtocolVersion.MQTT_3_1;
        switch (1 + random.nextInt(14)) {
            case 1 ->
                sink.connect(new Connect(version, text(0, 40), flip(), random.nextInt(65_536), will(), credentials()));
            case 2 -> {
                int code = random.nextInt(6);
                boolean present = code == 0 && !old && flip();
                sink.connAck(new ConnAck(present, ReasonCode.ofConnectReturnCode(code)));
            }
            case 3 -> {
                Message message = message(random.nextInt(50) == 0 ? 60_000 : 300);
                boolean acknowledged = message.qos() != Qos.AT_MOST_ONCE;
                sink.publish(message, acknowledged ? packetId() : 0, acknowledged && flip());
            }
            case 4 -> sink.pubAck(packetId(), ReasonCode.SUCCESS);
            case 5 -> sink.pubRec(packetId(), ReasonCode.SUCCESS);
            case 6 -> sink.pubRel(packetId(), ReasonCode.SUCCESS, old && flip());
            case 7 -> sink.pubComp(packetId(), ReasonCode.SUCCESS);
            case 8 ->
                sink.subscribe(new Subscribe(packetId(), some(() -> new Subscription(filter(), qos())), old && flip()));
            case 9 -> sink.subAck(new SubAck(packetId(), some(() -> granted(old))));
            case 10 -> sink.unsubscribe(new Unsubscribe(packetId(), some(this::filter), old && flip()));
            case 11 -> sink.unsubAck(new UnsubAck(packetId(), List.of()));
            case 12 -> sink.pingReq();
            case 13 -> sink.pingResp();
            default -> sink.disconnect(ReasonCode.SUCCESS);
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

    private ReasonCode granted(boolean old) {
        ReasonCode[] codes = {
            ReasonCode.SUCCESS, ReasonCode.GRANTED_QOS_1, ReasonCode.GRANTED_QOS_2, ReasonCode.UNSPECIFIED_ERROR
        };
        return codes[random.nextInt(old ? 3 : 4)];
    }

    private <T> List<T> some(Supplier<T> each) {
        List<T> list = new ArrayList<>();
        for (int i = random.nextInt(5); i >= 0; i--) {
            list.add(each.get());
        }
        return list;
    }

    private Will will() {
        return flip() ? null : Will.of(message(50));
    }

    private Credentials credentials() {
        return flip() ? null : flip() ? Credentials.of(text(0, 9)) : Credentials.of(text(0, 9), bytes(20));
    }

    private Message message(int maximumPayload) {
        return Message.of(TopicName.of(text(1, 30)), bytes(maximumPayload), qos(), flip());
    }

    private TopicFilter filter() {
        String filter = text(1, 10);
        return TopicFilter.of(
                switch (random.nextInt(4)) {
                    case 0 -> "#";
                    case 1 -> filter + "/#";
                    case 2 -> "+/" + filter;
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
            text.appendCodePoint(c == '+' || c == '#' || c == '$' ? '/' : c);
        }
        return text.toString();
    }
}
