package io.hawser.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.TopicFilter;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What each {@link Quirk} makes of the bytes of a client, and what a {@link Poison} looks like on the wire. */
class QuirkTest {
    private static final String CONNECT_4 = "100d00044d5154540402000000 0163";
    private static final String CONNECT_5 = "100e00044d515454050200000000 0163";
    private static final String CONNACK_4 = "20020000";
    private static final String CONNACK_5 = "2003000000";

    private final ModelBroker broker = new ModelBroker();

    /** One network connection, in hexadecimal digits. */
    private static final class Wire implements ModelBroker.Output {
        private final StringBuilder got = new StringBuilder();
        private final Peer peer;

        Wire(ModelBroker broker) {
            peer = broker.connect(this);
        }

        @Override
        public void send(ByteBuffer bytes) {
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            got.append(HexFormat.of().formatHex(copy));
        }

        @Override
        public void close() {
            got.append(" closed");
        }

        /** What the broker does when these packets come. */
        String on(String... packets) {
            for (String packet : packets) {
                peer.received(ByteBuffer.wrap(HexFormat.of().parseHex(packet.replace(" ", ""))));
            }
            return got();
        }

        String got() {
            String all = got.toString();
            got.setLength(0);
            return all;
        }
    }

    private Wire connected(int level) {
        Wire wire = new Wire(broker);
        assertThat(wire.on(level == 5 ? CONNECT_5 : CONNECT_4)).isEqualTo(level == 5 ? CONNACK_5 : CONNACK_4);
        return wire;
    }

    private void has(Quirk... quirks) {
        broker.misbehave().quirks(quirks);
    }

    @Test
    void closesOnOnePublishOnly() {
        has(new Quirk.ClosesOnPublish(TopicFilter.of("b/#"), 1, 0));

        assertThat(connected(4).on("3207 0001 62 0001 7878")).isEqualTo(" closed");
        assertThat(connected(4).on("3206 0001 62 0001 78")).as("smaller").isEqualTo("40020001");
        assertThat(connected(4).on("3207 0001 61 0001 7878")).as("elsewhere").isEqualTo("40020001");
    }

    @Test
    void blamesThePublishWhereTheVersionCan() {
        has(new Quirk.ClosesOnPublish(TopicFilter.of("b"), -1, 0x95));

        assertThat(connected(5).on("3206 0001 62 0001 00")).isEqualTo("e00195 closed");
        assertThat(connected(4).on("3205 0001 62 0001")).isEqualTo(" closed");
    }

    @ParameterizedTest
    @CsvSource({
        "8206 0001 0001 62 00, ' closed'",
        "8206 0001 0001 61 00, 9003000100",
        "820e 0001 0001 61 00 0001 63 00 0001 64 00, ' closed'",
        "a205 0001 0001 61, b0020001",
        "a205 0001 0001 62, ' closed'",
        "a20b 0001 0001 61 0001 63 0001 64, ' closed'",
    })
    void closesOnFilters(String packet, String answer) {
        has(
                new Quirk.ClosesOnFilter(TopicFilter.of("b")),
                new Quirk.ClosesOnUnsubscribe(TopicFilter.of("b")),
                new Quirk.ClosesOnManyFilters(2));

        assertThat(connected(4).on(packet)).isEqualTo(answer);
    }

    @Test
    void closesOnWill() {
        has(new Quirk.ClosesOnWill());

        assertThat(new Wire(broker).on("1013 00044d5154540406000000 0163 0001 77 0001 78"))
                .isEqualTo(" closed");
        connected(4);
    }

    @Test
    void answersWithAnyCode() {
        has(
                new Quirk.RefusesPublish(TopicFilter.of("b"), 0xFE),
                new Quirk.RefusesFilter(TopicFilter.of("b"), 0xEE),
                new Quirk.RefusesUnsubscribe(TopicFilter.of("b"), 0xDE));
        Wire wire = connected(5);

        assertThat(wire.on("3206 0001 62 0001 00")).isEqualTo("40030001fe");
        assertThat(wire.on("3406 0001 62 0002 00")).isEqualTo("50030002fe");
        assertThat(wire.on("820b 0003 00 0001 61 01 0001 62 01")).isEqualTo("900500030001ee");
        assertThat(wire.on("a209 0004 00 0001 62 0001 61")).isEqualTo("b005000400de00");
        assertThatThrownBy(() -> new Quirk.RefusesPublish(TopicFilter.of("b"), 0x7F))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void exceedsTheReceiveMaximum() {
        has(new Quirk.ExceedsReceiveMaximum(1));
        Wire wire = new Wire(broker);
        wire.on("1011 00044d51545405020000 03210001 0001 63", "8207 0001 00 0001 61 01");
        for (int i = 0; i < 3; i++) {
            broker.publish(Message.of("a", "x"));
        }

        assertThat(wire.got()).isEqualTo("3207000161000100783207000161000200" + "78");
    }

    @Test
    void knowsNoQos2AndFallsSilentOnPubRel() {
        has(new Quirk.LacksExactlyOnce());
        Wire wire = connected(4);

        assertThat(wire.on("3405 0001 61 0001")).isEqualTo("40020001");
        assertThat(wire.on("6202 0001", "c000", "3205 0001 61 0002")).isEmpty();
        assertThat(connected(4).on("c000")).as("the next connection").isEqualTo("d000");
    }

    @Test
    void answersConnectOf5InTwoFormsAtOnce() {
        has(new Quirk.MixesConnAck());

        assertThat(new Wire(broker).on(CONNECT_5)).isEqualTo("2003000100 closed");
        connected(4);
    }

    @Test
    void sendsOneCopyForEachSubscription() {
        has(new Quirk.CopiesPerSubscription());
        Wire wire = connected(4);
        wire.on("820a 0001 0001 61 00 0001 2b 00");
        broker.publish(Message.of("a", "x"));

        assertThat(wire.got()).isEqualTo("300400016178".repeat(2));
    }

    @Test
    void forgetsWhatWaitsForPubRel() {
        has(new Quirk.ForgetsUnreleased());
        String connect = CONNECT_4.replace("0402", "0400");
        Wire wire = new Wire(broker);
        wire.on(connect, "8206 0001 0001 61 00", "3406 0001 61 0002 78");
        wire.peer.closed();

        assertThat(new Wire(broker).on(connect, "6202 0002"))
                .as("released, and nothing is delivered")
                .isEqualTo("20020100" + "70020002");
    }

    @ParameterizedTest
    @EnumSource(Poison.class)
    void framesPoisonWell(Poison poison) {
        Wire wire = connected(5);
        wire.on("8207 0001 00 0001 23 01");
        broker.publish(Message.of("p", "x".repeat(200)).qos(Qos.AT_LEAST_ONCE), poison);
        ByteBuffer packet = ByteBuffer.wrap(HexFormat.of().parseHex(wire.got()));

        assertThat(packet.get()).isEqualTo((byte) 0x32);
        int remaining = packet.get() & 127 | packet.get() << 7;
        assertThat(remaining).isEqualTo(packet.remaining());
    }

    @Test
    void spoilsOnlyWhatTheVersionHas() {
        assertThat(List.of(Poison.values()))
                .filteredOn(poison -> poison.exists(ProtocolVersion.MQTT_3_1_1))
                .containsExactly(Poison.TOPIC_NOT_UTF8, Poison.TOPIC_WILDCARD, Poison.TOPIC_NUL);
    }
}
