package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ConnectionEvent.SubscriptionRefused;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.mqtt.Subscription;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests beyond what a broker of MQTT 5.0 granted are refused here, not there, where they would cost the connection. */
class GrantsTest {
    private static final String SHARED = "$share/g/a";

    @ParameterizedTest
    @CsvSource({"0, 1", "0, 2", "1, 2"})
    void messagesAboveTheMaximumQosAreRefusedBeforeTheyAreSent(int maximum, int qos) {
        Machine machine = Machine.online5(Properties.NONE.with(Property.MAXIMUM_QOS, maximum));

        PublishRequest request = machine.publish(Machine.message("m", qos));
        machine.publish(maximum, "fits");

        assertThat(machine.packets()).singleElement().asString().startsWith("PUBLISH fits q" + maximum);
        assertRejected(machine, request, ReasonCode.QOS_NOT_SUPPORTED);
    }

    @Test
    void retainedMessagesAreRefusedBeforeTheyAreSentWhereNoneAreKept() {
        Machine machine = Machine.online5(Properties.NONE.with(Property.RETAIN_AVAILABLE, 0));

        PublishRequest request = machine.publish(Machine.message("m", 1).retain(true));

        assertThat(machine.packets()).isEmpty();
        assertRejected(machine, request, ReasonCode.RETAIN_NOT_SUPPORTED);
    }

    @Test
    void messagesAboveTheMaximumPacketSizeAreRefusedBeforeTheyAreSent() {
        // Two bytes of fixed header, 2 + 1 of topic name, 2 of identifier, 1 of property length.
        Machine machine = Machine.online5(Properties.NONE.with(Property.MAXIMUM_PACKET_SIZE, 18));

        PublishRequest fits = machine.publish(Machine.message("0123456789", 1));
        PublishRequest tooLarge = machine.publish(Machine.message("0123456789+", 1));
        PublishRequest attribute =
                machine.publish(Machine.message("012345678", 1).utf8(true));

        assertThat(machine.packets()).containsExactly("PUBLISH 0123456789 q1 #1");
        assertThat(machine.effects.isSettled(fits)).isFalse();
        assertRejected(machine, tooLarge, ReasonCode.PACKET_TOO_LARGE);
        assertRejected(machine, attribute, ReasonCode.PACKET_TOO_LARGE);
    }

    @Test
    void topicNamesLongerThanMqtt31AllowsAreRefusedBeforeTheyAreSent() {
        Machine machine = Machine.online(options -> options.versions = List.of(ProtocolVersion.MQTT_3_1));
        machine.take();

        PublishRequest request = machine.publish(Message.of("t".repeat(32_768), "m"));
        assertThat(machine.packets()).isEmpty();
        assertRejected(machine, request, ReasonCode.TOPIC_NAME_INVALID);

        machine.publish(Message.of("t".repeat(32_767), "m"));
        assertThat(machine.packets()).singleElement().asString().startsWith("PUBLISH ");
    }

    @Test
    void whatWaitedForAConnectionIsJudgedByItsGrants() {
        Machine machine = Machine.offline5(options -> {});
        PublishRequest request = machine.publish(Machine.message("m", 2));
        machine.publish(1, "n");
        machine.open();

        machine.connAck(false, Properties.NONE.with(Property.MAXIMUM_QOS, 1));

        assertRejected(machine, request, ReasonCode.QOS_NOT_SUPPORTED);
        assertThat(machine.packets()).contains("PUBLISH n q1 #1").noneMatch(line -> line.startsWith("PUBLISH m"));
    }

    @Test
    void whatIsToBeSentAgainIsJudgedByTheGrantsOfTheNewConnection() {
        Machine machine = Machine.online5();
        PublishRequest request = machine.publish(Machine.message("m", 2));
        machine.publish(2, "released");
        machine.publish(1, "n");
        machine.pubRec(2);
        machine.lose();
        machine.open();
        machine.take();

        machine.connAck(true, Properties.NONE.with(Property.MAXIMUM_QOS, 1));

        assertThat(machine.packets()).containsExactly("PUBREL #2", "PUBLISH n q1 #3 dup");
        assertRejected(machine, request, ReasonCode.QOS_NOT_SUPPORTED);
        assertThat(machine.session.figures().inFlight()).isEqualTo(2);
    }

    @Test
    void sharedSubscriptionsAreRefusedEarlyWhereThereAreNone() {
        Machine machine = Machine.online5(Properties.NONE.with(Property.SHARED_SUBSCRIPTION_AVAILABLE, 0));

        SubscriptionRequest request = machine.subscribe(SHARED, 1, "h");
        machine.subscribe("a", 1, "h");

        assertThat(machine.packets()).containsExactly("SUBSCRIBE #1 a:1");
        assertRejected(machine, request, ReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED);
    }

    @ParameterizedTest
    @CsvSource({"a/+", "a/#", "$share/g/+/a"})
    void wildcardSubscriptionsAreRefusedEarlyWhereThereAreNone(String filter) {
        Machine machine = Machine.online5(Properties.NONE.with(Property.WILDCARD_SUBSCRIPTION_AVAILABLE, 0));

        SubscriptionRequest request = machine.subscribe(filter, 1, "h");
        machine.subscribe("a/b", 1, "h");

        assertThat(machine.packets()).containsExactly("SUBSCRIBE #1 a/b:1");
        assertRejected(machine, request, ReasonCode.WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED);
    }

    @Test
    void subscriptionIdentifiersAreLeftOutWhereThereAreNone() {
        Machine with = Machine.online5();
        with.subscribe(Subscription.to("a").identifier(7));
        assertThat(with.effects.sink.subscribed.subscriptions().get(0).identifier())
                .isEqualTo(7);

        Machine without = Machine.online5(Properties.NONE.with(Property.SUBSCRIPTION_IDENTIFIER_AVAILABLE, 0));
        without.subscribe(Subscription.to("a").identifier(7).noLocal(true));
        Subscription sent = without.effects.sink.subscribed.subscriptions().get(0);
        assertThat(sent).isEqualTo(Subscription.to("a").noLocal(true));
    }

    @Test
    void subscriptionsWithDifferentIdentifiersGoInPacketsOfTheirOwn() {
        Machine machine = Machine.offline5(options -> {});
        int topics = 0;
        for (int identifier : new int[] {1, 1, 2, 0}) {

            machine.session.declare(
                    new SubscriptionRequest(Subscription.to("f/" + topics++).identifier(identifier), "h"));
        }

        machine.connect(false);

        assertThat(machine.packets())
                .filteredOn(line -> line.startsWith("SUBSCRIBE"))
                .hasSize(3);
    }

    @Test
    void subscriptionsRefusedEarlyDoNotKeepTheClientFromBeingReady() {
        Machine machine = Machine.offline5(options -> {});
        machine.declare(SHARED, 1, "h");
        machine.open();

        machine.connAck(false, Properties.NONE.with(Property.SHARED_SUBSCRIPTION_AVAILABLE, 0));

        assertThat(machine.session.state()).isEqualTo(ConnectionState.READY);
        assertThat(machine.effects.events(SubscriptionRefused.class)).hasSize(1);
    }

    @Test
    void subscribePacketsKeepToTheMaximumPacketSize() {
        Machine machine = Machine.offline5(options -> {});
        for (String filter : new String[] {"a", "b", "c"}) {
            machine.declare(filter.repeat(40), 1, "h");
        }
        machine.open();
        machine.take();

        machine.connAck(false, Properties.NONE.with(Property.MAXIMUM_PACKET_SIZE, 100));

        assertThat(machine.packets())
                .containsExactly(
                        "SUBSCRIBE #1 " + "a".repeat(40) + ":1 " + "b".repeat(40) + ":1",
                        "SUBSCRIBE #2 " + "c".repeat(40) + ":1");
    }

    @Test
    void aFilterAboveTheMaximumPacketSizeIsRefusedBeforeItIsSent() {
        Machine machine = Machine.online5(Properties.NONE.with(Property.MAXIMUM_PACKET_SIZE, 100));

        SubscriptionRequest subscribe = machine.subscribe("ü".repeat(50), 1, "h");
        SubscriptionRequest unsubscribe = machine.unsubscribe("ü".repeat(50));

        assertThat(machine.packets()).isEmpty();
        assertRejected(machine, subscribe, ReasonCode.PACKET_TOO_LARGE);
        assertRejected(machine, unsubscribe, ReasonCode.PACKET_TOO_LARGE);
    }

    @Test
    void messagesOfASharedSubscriptionGoToItsHandler() {
        Machine machine = Machine.online5();
        machine.subscribed("$share/g/a/+", 1, "h");

        machine.deliver("a/b", "m", 1, 1, false);

        assertThat(machine.take()).containsExactly("deliver m #1 to h");
    }

    private static Machine overlapping(int identifierOfTheSecond) {
        Machine machine = Machine.online5();
        machine.session.request(new SubscriptionRequest(Subscription.to("a/+").identifier(1), "plus"), machine.now());
        machine.session.request(
                new SubscriptionRequest(Subscription.to("a/#").identifier(identifierOfTheSecond), "hash"),
                machine.now());
        machine.subAck(1, 2);
        machine.subAck(2, 2);
        machine.take();
        return machine;
    }

    private static void deliver(Machine machine, Integer... identifiers) {
        Message message = Message.of("a/b", "m").qos(Qos.AT_MOST_ONCE).subscriptionIdentifiers(List.of(identifiers));
        machine.receive(broker -> broker.publish(message, 0, false));
    }

    @Test
    void aMessageThatComesOnceForEachSubscriptionGoesToTheHandlerOfThatOne() {
        Machine machine = overlapping(2);

        deliver(machine, 1);
        deliver(machine, 2);
        deliver(machine, 1, 2);

        assertThat(machine.take()).containsExactly("deliver m to plus", "deliver m to hash", "deliver m to hash+plus");
    }

    @Test
    void identifiersDecideNothingWhereNoneIsKnown() {
        Machine machine = overlapping(0);
        deliver(machine, 1);
        assertThat(machine.take()).as("the client's own for the second").containsExactly("deliver m to plus");

        Machine other = overlapping(2);
        deliver(other, 9);
        deliver(other);
        assertThat(other.take()).containsExactly("deliver m to hash+plus", "deliver m to hash+plus");
    }

    @Test
    void aMessageArrivesWithTheIdentifiersOfItsSubscriptions() {
        Machine machine = Machine.online5();
        machine.subscribed("t", 1, "h");

        Message message = Machine.message("m", 1).subscriptionIdentifiers(List.of(3, 4));
        machine.receive(broker -> broker.publish(message, 1, false));

        assertThat(machine.inbound("m").message().subscriptionIdentifiers()).containsExactly(3, 4);
    }

    @Test
    void aReceivedMessageCanBePublishedAgain() {
        Machine machine = Machine.online5();
        Message received = Machine.message("m", 1).subscriptionIdentifiers(List.of(3));

        machine.publish(received);

        assertThat(machine.packets()).containsExactly("PUBLISH m q1 #1");
    }

    private static void assertRejected(Machine machine, Object request, ReasonCode reasonCode) {
        assertThat(machine.effects.failures.get(request))
                .isInstanceOfSatisfying(RequestRejectedException.class, cause -> {
                    assertThat(cause.reasonCode()).isEqualTo(reasonCode);
                    assertThat(cause).hasMessageContaining("not sent");
                });
    }
}
