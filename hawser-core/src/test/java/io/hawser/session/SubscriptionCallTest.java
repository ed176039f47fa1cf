package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.UserProperty;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that subscribe to several filters, or say user properties with it. */
class SubscriptionCallTest {
    private static final List<UserProperty> NOTHING = List.of();
    private static final List<UserProperty> WHY = List.of(new UserProperty("why", "test"));
    private static final String SAID = " [UserProperty[name=why, value=test]]";

    private static Message message(String topic, Integer... identifiers) {
        return Message.of(topic, "m").qos(Qos.AT_MOST_ONCE).subscriptionIdentifiers(List.of(identifiers));
    }

    private static void deliver(Machine machine, Message message) {
        machine.receive(broker -> broker.publish(message, 0, false));
    }

    private static int identifier(Machine machine) {
        return machine.effects.sink.subscribed.subscriptions().get(0).identifier();
    }

    @Test
    void filtersOfAnyShapeGoIntoOnePacketAsTheProgramGaveThem() {
        Machine machine = Machine.online5();

        machine.subscribeTogether("h", NOTHING, "a/+:1", "b:0", "c/#:2", "+/d:1");

        assertThat(machine.packets()).containsExactly("SUBSCRIBE #1 a/+:1 b:0 c/#:2 +/d:1");
    }

    @Test
    void eachFilterHasItsAnswer() {
        Machine machine = Machine.online5();
        machine.subscribeTogether("h", NOTHING, "a:1", "b:0", "c:2");
        machine.take();

        machine.subAck(1, 1, 0x87, 2);

        assertThat(machine.take())
                .containsExactly(
                        "log subscribed a:1",
                        "granted a:1",
                        "log unsubscribed b",
                        "fail b NOT_AUTHORIZED",
                        "log subscribed c:2",
                        "granted c:2");
    }

    @Test
    void userPropertiesAreSaidWithThePacketAndAfterAReconnect() {
        Machine machine = Machine.online5();
        machine.subscribeTogether("h", WHY, "a/+:1", "b:0");
        machine.subscribe("alone", 1, "h");
        assertThat(machine.packets()).containsExactly("SUBSCRIBE #1 a/+:1 b:0" + SAID, "SUBSCRIBE #2 alone:1");
        machine.subAck(1, 1, 0);
        machine.subAck(2, 1);

        machine.reconnect(false);

        assertThat(machine.packets())
                .containsExactlyInAnyOrder("SUBSCRIBE #3 alone:1", "SUBSCRIBE #4 a/+:1 b:0" + SAID);
    }

    @Test
    void userPropertiesAreSaidWithUnsubscribe() {
        Machine machine = Machine.online5();

        machine.unsubscribeTogether(WHY, "a", "b/#");

        assertThat(machine.packets()).containsExactly("UNSUBSCRIBE #1 a b/#" + SAID);
    }

    @ParameterizedTest
    @ValueSource(strings = {"subscribe", "unsubscribe"})
    void aCallBeyondTheLimitOfFiltersTakesSeveralPackets(String what) {
        Machine machine =
                Machine.online5(Properties.NONE, options -> options.broker = options.broker.filtersPerPacket(8));
        String[] filters = IntStream.range(0, 20).mapToObj(i -> "f/" + i).toArray(String[]::new);

        if (what.equals("subscribe")) {
            machine.subscribeTogether(
                    "h", NOTHING, List.of(filters).stream().map(f -> f + ":1").toArray(String[]::new));
        } else {
            machine.unsubscribeTogether(NOTHING, filters);
        }

        assertThat(machine.packets()).hasSize(3);
    }

    @Test
    void aPacketHoldsAsMuchAsTheBrokerTakesWithTheUserProperties() {
        Properties small = Properties.NONE.with(Property.MAXIMUM_PACKET_SIZE, 64);
        Machine machine = Machine.online5(small);
        machine.effects.limit(64);

        machine.subscribeTogether("h", WHY, "a23456789:1", "b23456789:1", "c23456789:1", "d23456789:1");

        assertThat(machine.packets()).hasSize(2).allMatch(packet -> packet.endsWith(SAID));
    }

    @Test
    void aFilterThatOnlyTheUserPropertiesMakeTooLargeIsRefusedBeforeItIsSent() {
        Properties small = Properties.NONE.with(Property.MAXIMUM_PACKET_SIZE, 64);
        Machine machine = Machine.online5(small);
        machine.effects.limit(64);

        machine.subscribeTogether("h", List.of(new UserProperty("name", "x".repeat(60))), "a:1");

        assertThat(machine.take()).containsExactly("log unsubscribed a", "fail a PACKET_TOO_LARGE");
    }

    @Test
    void beforeMqtt5UserPropertiesAreLeftOut() {
        Machine machine = Machine.online();

        machine.subscribeTogether("h", WHY, "a/+:1", "b:0");
        machine.unsubscribeTogether(WHY, "a/+", "b");

        assertThat(machine.packets()).containsExactly("SUBSCRIBE #1 a/+:1 b:0", "UNSUBSCRIBE #2 a/+ b");
    }

    @Test
    void oneHandlerGetsAMessageOnceHoweverTheFiltersOverlap() {
        Machine machine = Machine.online5();
        machine.subscribeTogether("h", NOTHING, "a/#:1", "a/+:1", "+/b:1");
        int identifier = identifier(machine);
        machine.subAck(1, 1, 1, 1);
        machine.take();

        deliver(machine, message("a/b", identifier));
        deliver(machine, message("a/b"));

        assertThat(machine.take()).containsExactly("deliver m to h", "deliver m to h");
    }

    @Test
    void beforeMqtt5TooTheHandlerOfACallGetsAMessageOnce() {
        Machine machine = Machine.online();
        machine.subscribeTogether("h", NOTHING, "a/#:1", "a/+:1");
        machine.subscribed("a/b", 1, "other");

        deliver(machine, message("a/b"));

        assertThat(machine.take()).containsExactly("deliver m to h+other");
    }

    @Test
    void twoCallsWithTheSameHandlerAreTwo() {
        Machine machine = Machine.online();
        machine.subscribeTogether("h", NOTHING, "a/#:1", "x:1");
        machine.subscribeTogether("h", NOTHING, "a/+:1", "y:1");
        machine.take();

        deliver(machine, message("a/b"));

        assertThat(machine.take()).containsExactly("deliver m to h+h");
    }

    @Test
    void aBrokerThatCopiesPerSubscriptionMeansTheCallByItsIdentifier() {
        Machine machine = Machine.online5();
        machine.subscribeTogether("h", NOTHING, "a/#:1", "b:1");
        int ofCall = identifier(machine);
        machine.subscribe("a/+", 1, "other");
        int alone = identifier(machine);
        machine.subAck(1, 1, 1);
        machine.subAck(2, 1);
        machine.take();

        deliver(machine, message("a/x", ofCall));
        deliver(machine, message("a/x", alone));

        assertThat(ofCall).isNotEqualTo(alone);
        assertThat(machine.take()).containsExactly("deliver m to h", "deliver m to other");
    }

    @Test
    void theIdentifierOfACallDoesNotDependOnTheOrderAndIsTheShapesWhereThatIsOne() {
        List<TopicFilter> mixed = List.of(TopicFilter.of("a/#"), TopicFilter.of("b"), TopicFilter.of("+/c"));
        List<TopicFilter> turned = List.of(mixed.get(2), mixed.get(0), mixed.get(1));

        assertThat(SubscriptionIds.of(mixed)).isEqualTo(SubscriptionIds.of(turned));
        assertThat(SubscriptionIds.of(List.of(TopicFilter.of("a/+"), TopicFilter.of("b/+"))))
                .isEqualTo(SubscriptionIds.of(TopicFilter.of("c/+")));
        assertThat(SubscriptionIds.isOwn(SubscriptionIds.of(mixed))).isTrue();
    }

    @Test
    void differentIdentifiersOfTheProgramTakeDifferentPackets() {
        Machine machine = Machine.online5();
        List<Subscription> all = List.of(
                Subscription.to("a").identifier(1),
                Subscription.to("b").identifier(2),
                Subscription.to("c").identifier(2));

        machine.session.request(
                SubscriptionCall.subscribing(all, NOTHING, "h", null).requests(), machine.now());

        assertThat(machine.packets()).containsExactly("SUBSCRIBE #1 a:2", "SUBSCRIBE #2 b:2 c:2");
    }

    @Test
    void aNewerCallTakesAFilterOver() {
        Machine machine = Machine.online5();
        machine.subscribeTogether("old", NOTHING, "a:1", "b:1");
        machine.subscribeTogether("new", WHY, "b:0", "c:1");
        machine.subAck(1, 1, 1);
        machine.subAck(2, 0, 1);
        machine.take();

        machine.reconnect(false);

        assertThat(machine.packets()).containsExactlyInAnyOrder("SUBSCRIBE #3 a:1", "SUBSCRIBE #4 b:0 c:1" + SAID);
        deliver(machine, message("b"));
        assertThat(machine.take()).containsExactly("deliver m to new");
    }

    @Test
    void aCallWhoseAnswerWasLostGoesOutAgainAsOnePacket() {
        Machine machine = Machine.online5();
        machine.subscribeTogether("h", WHY, "a/+:1", "b:0");
        machine.lose();
        machine.open();
        machine.take();

        machine.connAck(true, Properties.NONE);

        assertThat(machine.packets()).containsExactly("SUBSCRIBE #2 a/+:1 b:0" + SAID);
    }

    @Test
    void userPropertiesWithControlCharactersAreAnErrorOfTheProgram() {
        assertThatThrownBy(() -> SubscriptionCall.unsubscribing(
                        List.of(TopicFilter.of("a")), List.of(new UserProperty("a", "b\n")), null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("user property value has U+000A at index 1");
    }
}
