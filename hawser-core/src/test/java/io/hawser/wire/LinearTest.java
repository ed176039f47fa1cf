package io.hawser.wire;

import static io.hawser.mqtt.ProtocolVersion.MQTT_5;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.TopicName;
import io.hawser.mqtt.UserProperty;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Twice as many elements cost less than three times as much memory to read and to write, which copying for each would not. */
class LinearTest {
    private static final int ELEMENTS = 4000;
    private static final PacketSink NOBODY = (PacketSink) Proxy.newProxyInstance(
            PacketSink.class.getClassLoader(), new Class<?>[] {PacketSink.class}, (proxy, method, args) -> null);

    private static Arguments list(String name, BiConsumer<PacketSink, Integer> packet) {
        return arguments(name, (IntFunction<byte[]>) n -> encode(packet, n), packet);
    }

    static Stream<Arguments> lists() {
        Message message = Message.of(TopicName.of("t"), new byte[0], Qos.AT_MOST_ONCE, false);
        return Stream.of(
                list(
                        "subscription identifiers",
                        (to, n) -> to.publish(message.subscriptionIdentifiers(Collections.nCopies(n, 1)), 0, false)),
                list("user properties of PUBLISH", (to, n) -> to.publish(message.userProperties(pairs(n)), 0, false)),
                list(
                        "user properties of CONNACK",
                        (to, n) -> to.connAck(new ConnAck(false, ReasonCode.SUCCESS, Properties.NONE.with(pairs(n))))),
                list(
                        "user properties of PUBACK",
                        (to, n) -> to.pubAck(1, ReasonCode.NOT_AUTHORIZED, Properties.NONE.with(pairs(n)))),
                list(
                        "codes of SUBACK",
                        (to, n) ->
                                to.subAck(new SubAck(1, Collections.nCopies(n, ReasonCode.SUCCESS), Properties.NONE))),
                list(
                        "codes of UNSUBACK",
                        (to, n) -> to.unsubAck(
                                new UnsubAck(1, Collections.nCopies(n, ReasonCode.SUCCESS), Properties.NONE))),
                list(
                        "filters of SUBSCRIBE",
                        (to, n) -> to.subscribe(new Subscribe(
                                1,
                                IntStream.range(0, n)
                                        .mapToObj(i -> Subscription.to("f" + (10_000 + i)))
                                        .toList(),
                                Properties.NONE,
                                false))),
                list(
                        "filters of UNSUBSCRIBE",
                        (to, n) -> to.unsubscribe(new Unsubscribe(
                                1,
                                IntStream.range(0, n)
                                        .mapToObj(i -> TopicFilter.of("f" + (10_000 + i)))
                                        .toList(),
                                Properties.NONE,
                                false))));
    }

    private static List<UserProperty> pairs(int n) {
        return Collections.nCopies(n, new UserProperty("k", "v"));
    }

    private static byte[] encode(BiConsumer<PacketSink, Integer> packet, int n) {
        Collected out = new Collected();
        packet.accept(new PacketEncoder(MQTT_5, out), n);
        return out.bytes();
    }

    private static long allocated(Runnable work) {
        work.run();
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
        work.run();
        return threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
    }

    private static long reading(byte[] packet) {
        return allocated(() -> {
            PacketDecoder decoder = new PacketDecoder(MQTT_5, 10_000_000);
            decoder.tolerant();
            decoder.decode(ByteBuffer.wrap(packet), NOBODY);
        });
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lists")
    void costsNoMoreThanItsLength(String name, IntFunction<byte[]> bytes, BiConsumer<PacketSink, Integer> packet) {
        assertThat(reading(bytes.apply(2 * ELEMENTS))).isLessThan(3 * reading(bytes.apply(ELEMENTS)));
        assertThat(allocated(() -> encode(packet, 2 * ELEMENTS)))
                .isLessThan(3 * allocated(() -> encode(packet, ELEMENTS)));
    }
}
