package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.hawser.mqtt.BrokerProfile;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.store.SessionStore;
import io.hawser.wire.Properties;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every limit of a profile, at the limit and one beyond it. */
class BrokerProfileTest {
    private static final BrokerProfile MINE = BrokerProfile.of("mine");

    private static Message message(String topic) {
        return Message.of(topic, "x").qos(Qos.AT_LEAST_ONCE);
    }

    private static Message sized(int payload) {
        return Message.of("t", new byte[payload]);
    }

    static Stream<Arguments> messages() {
        Message plain = message("t");
        return Stream.of(
                arguments(
                        MINE.maximumQos(Qos.AT_LEAST_ONCE),
                        plain,
                        plain.qos(Qos.EXACTLY_ONCE),
                        ReasonCode.QOS_NOT_SUPPORTED),
                arguments(
                        MINE.maximumQos(Qos.AT_MOST_ONCE),
                        plain.qos(Qos.AT_MOST_ONCE),
                        plain,
                        ReasonCode.QOS_NOT_SUPPORTED),
                arguments(MINE.retainAvailable(false), plain, plain.retain(true), ReasonCode.RETAIN_NOT_SUPPORTED),
                arguments(MINE.topicBytes(4), message("aaaa"), message("aaäa"), ReasonCode.TOPIC_NAME_INVALID),
                arguments(MINE.topicLevels(3), message("a/b/c"), message("a/b/c/"), ReasonCode.TOPIC_NAME_INVALID),
                arguments(MINE.topicLevels(1), message("a"), message("/"), ReasonCode.TOPIC_NAME_INVALID),
                arguments(
                        BrokerProfile.AWS_IOT,
                        message("$aws/rules/r/1/2/3/4/5/6/7/8"),
                        message("$aws/rules/r/1/2/3/4/5/6/7/8/9"),
                        ReasonCode.TOPIC_NAME_INVALID),
                arguments(
                        MINE.userProperties(1),
                        plain.userProperty("a", "b"),
                        plain.userProperty("a", "b").userProperty("a", "b"),
                        ReasonCode.PACKET_TOO_LARGE),
                arguments(
                        MINE.userPropertyBytes(5),
                        plain.userProperty("a", "cdä"),
                        plain.userProperty("ab", "cdä"),
                        ReasonCode.PACKET_TOO_LARGE),
                // Fixed header 2, topic 3, identifier 2, no properties 1.
                arguments(MINE.packetBytes(128), sized(120), sized(121), ReasonCode.PACKET_TOO_LARGE),
                arguments(
                        BrokerProfile.AWS_IOT,
                        sized(128 * 1024 - 10),
                        sized(128 * 1024 - 9),
                        ReasonCode.PACKET_TOO_LARGE));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void aMessageBeyondALimitFailsUnsentAndThoseWithinGoOn(
            BrokerProfile profile, Message within, Message beyond, ReasonCode code) {
        Machine machine = Machine.online5(Properties.NONE, options -> options.broker = profile);

        PublishRequest failing = machine.publish(beyond);
        PublishRequest passing = machine.publish(within);

        assertThat(machine.effects.failures.get(failing))
                .isInstanceOfSatisfying(
                        RequestRejectedException.class,
                        e -> assertThat(e.reasonCode()).isEqualTo(code))
                .hasMessageContaining("was not sent")
                .hasMessageContaining("the broker profile " + profile.name() + " allows ")
                .hasMessageContaining("or give broker(...) another limit");
        assertThat(machine.effects.failures).doesNotContainKey(passing);
        assertThat(machine.effects.packets()).hasSize(1).first().asString().startsWith("PUBLISH");
    }

    @ParameterizedTest
    @MethodSource("messages")
    void aMessageThatAnEarlierProfileHadTakenFailsWhenItIsToBeSent(
            BrokerProfile profile, Message within, Message beyond, ReasonCode code) {
        var store = SessionStore.inMemory();
        Machine before = new Machine(store, options -> options.versions = List.of(ProtocolVersion.MQTT_5));
        before.session.publish(new PublishRequest(beyond), before.now());
        before.close();
        before.log.close();

        Machine after = new Machine(store, options -> {
            options.versions = List.of(ProtocolVersion.MQTT_5);
            options.broker = profile;
        });
        after.connect(false);

        assertThat(after.effects.packets().stream().filter(packet -> packet.startsWith("PUBLISH")))
                .isEmpty();
    }

    @Test
    void messagesOfAnOfflineClientFailAtOnceToo() {
        Machine machine = Machine.offline(options -> options.broker = BrokerProfile.AWS_IOT);

        PublishRequest failing = machine.publish(message("t").qos(Qos.EXACTLY_ONCE));

        assertThat(machine.effects.failures).containsKey(failing);
    }

    static Stream<Arguments> filters() {
        return Stream.of(
                arguments(MINE.topicLevels(3), "a/+/#", "a/+/b/#"),
                arguments(MINE.topicLevels(3), "$share/g/a/b/c", "$share/g/a/b/c/d"),
                arguments(MINE.topicBytes(5), "a/b/c", "a/b/cd"),
                arguments(MINE.packetBytes(128), "a".repeat(100), "a".repeat(140)),
                arguments(BrokerProfile.AZURE_EVENT_GRID, "a", "$share/g/a"),
                arguments(BrokerProfile.RABBITMQ, "a", "$share/g/a"));
    }

    @ParameterizedTest
    @MethodSource("filters")
    void aFilterBeyondALimitFailsUnsentAndThoseWithinGoOn(BrokerProfile profile, String within, String beyond) {
        Machine machine = Machine.online(options -> options.broker = profile);

        SubscriptionRequest failing = machine.subscribe(beyond, 1, "h");
        machine.subscribe(within, 1, "h");

        assertThat(machine.effects.failures.get(failing)).isInstanceOf(RequestRejectedException.class);
        assertThat(machine.effects.packets()).singleElement().asString().contains(within);
    }

    @Test
    void aSubscriptionAsksForNoMoreThanTheBrokerGrants() {
        Machine machine = Machine.online5(Properties.NONE, options -> options.broker = BrokerProfile.AWS_IOT);

        machine.subscribe("a", 2, "h");

        assertThat(machine.effects.packets())
                .singleElement()
                .asString()
                .contains("a:1")
                .doesNotContain("a:2");
    }

    @Test
    void aPacketHasAsManyFiltersAsTheBrokerTakes() {
        for (int most = 1; most < 12; most++) {
            int filters = most;
            Machine machine = Machine.offline(options -> options.broker = MINE.filtersPerPacket(filters));
            IntStream.range(0, 20).forEach(i -> machine.declare("f" + i, 1, "h"));
            machine.connect(false);
            assertThat(machine.effects.packets().stream().filter(packet -> packet.startsWith("SUBSCRIBE")))
                    .hasSize((20 + most - 1) / most)
                    .allSatisfy(
                            packet -> assertThat(packet.split(":").length - 1).isBetween(1, filters));
        }
    }

    static Stream<UnaryOperator<BrokerProfile>> outOfBounds() {
        return Stream.of(
                profile -> profile.filtersPerPacket(0),
                profile -> profile.filtersPerPacket(65_536),
                profile -> profile.packetBytes(127),
                profile -> profile.topicBytes(0),
                profile -> profile.topicBytes(65_536),
                profile -> profile.topicLevels(0),
                profile -> profile.userProperties(-1),
                profile -> profile.userPropertyBytes(-1),
                profile -> profile.topicAliases(-1),
                profile -> profile.topicAliases(65_536),
                profile -> profile.clientIdBytes(0),
                profile -> profile.publishesPerSecond(0),
                profile -> profile.bytesPerSecond(0),
                profile -> profile.bytesPerSecond((1L << 40) + 1),
                profile -> profile.connectsPerSecond(0),
                profile -> profile.keepAlive(Duration.ofSeconds(2), Duration.ofSeconds(1)),
                profile -> profile.keepAlive(Duration.ofSeconds(-1), Duration.ofSeconds(1)),
                profile -> profile.keepAlive(Duration.ZERO, Duration.ofSeconds(65_536)));
    }

    @ParameterizedTest
    @MethodSource("outOfBounds")
    void aNumberOutOfItsBoundsIsRejectedWithThem(UnaryOperator<BrokerProfile> change) {
        assertThatThrownBy(() -> change.apply(MINE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(" is ")
                .hasMessageContaining(", must be ");
    }

    @Test
    void theDefaultHasNoLimitThatAMessageCouldExceed() {
        assertThat(new SessionConfig().broker.limitsRequests()).isFalse();
    }
}
