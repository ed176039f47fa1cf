package io.hawser.client.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.client.ClientBuilder;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.Subscription.RetainHandling;
import io.hawser.store.SessionStore;
import io.hawser.testing.BrokerExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The options of a subscription in MQTT 5.0, seen by its handler. */
@Timeout(60)
class SubscriptionOptionsTest {
    @RegisterExtension
    final BrokerExtension broker = new BrokerExtension();

    private final Inbox inbox = new Inbox();
    private final Events events = new Events();

    private ClientBuilder<MqttClient> options() {
        return Variant.hasty(broker.url()).clientId("c").onEvent(events);
    }

    private MqttClient connected() {
        MqttClient client = options().build();
        client.connect();
        return client;
    }

    private void publish(String text, boolean retain) {
        broker.publish(Message.of("a", text).qos(Qos.AT_LEAST_ONCE).retain(retain));
    }

    /** [MQTT-3.3.1-9] [MQTT-3.3.1-10] [MQTT-3.3.1-11] */
    @ParameterizedTest
    @CsvSource({"SEND, true, true", "SEND_IF_NEW, true, false", "DO_NOT_SEND, false, false"})
    void retainHandlingSaysWhenRetainedMessagesCome(RetainHandling handling, boolean atFirst, boolean again)
            throws Exception {
        publish("kept", true);
        Subscription subscription = Subscription.to("a").retainHandling(handling);
        try (MqttClient client = connected()) {
            client.subscribe(subscription, inbox);
            publish("one", false);
            client.subscribe(subscription, inbox);
            publish("end", false);
            List<String> expected = new ArrayList<>();
            if (atFirst) {
                expected.add("kept");
            }
            expected.add("one");
            if (again) {
                expected.add("kept");
            }
            assertThat(inbox.textsBefore("end")).isEqualTo(expected);
        }
    }

    /** [MQTT-3.3.1-12] [MQTT-3.3.1-13] */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void retainAsPublishedKeepsTheFlag(boolean asPublished) throws Exception {
        try (MqttClient client = connected()) {
            client.subscribe(Subscription.to("a").retainAsPublished(asPublished), inbox);
            publish("to be kept", true);
            publish("not to be kept", false);
            assertThat(inbox.next().message().retain()).isEqualTo(asPublished);
            assertThat(inbox.next().message().retain()).isFalse();
        }
    }

    /** [MQTT-3.8.3-3] */
    @Test
    void noLocalHoldsOverAReconnect() throws Exception {
        try (MqttClient client = connected()) {
            client.subscribe(Subscription.to("a").noLocal(true), inbox);
            broker.server().cutConnections();
            events.nth(ConnectionEvent.Ready.class, 2);
            client.publish(Message.of("a", "own"));
            publish("foreign", false);
            assertThat(inbox.next().text()).isEqualTo("foreign");
        }
    }

    /** [MQTT-3.3.4-3] [MQTT-3.3.4-4] */
    @Test
    void identifiersOfAllSubscriptionsThatMatchArrive() throws Exception {
        try (MqttClient client = connected()) {
            client.subscribe(Subscription.to("a").identifier(7), inbox);
            client.subscribe(Subscription.to("+").identifier(268_435_455), delivery -> {});
            client.subscribe(Subscription.to("#"), delivery -> {});
            publish("x", false);
            assertThat(inbox.next().message().subscriptionIdentifiers()).containsExactlyInAnyOrder(7, 268_435_455);
        }
    }

    @Test
    void messagesComeWithoutIdentifiersWhereTheBrokerHasNone() throws Exception {
        broker.grant().subscriptionIdentifiers(false);
        try (MqttClient client = connected()) {
            client.subscribe(Subscription.to("a").identifier(7), inbox);
            publish("x", false);
            assertThat(inbox.next().message().subscriptionIdentifiers()).isEmpty();
        }
    }

    @Test
    void sharedSubscriptionsDivideTheMessages() throws Exception {
        Inbox other = new Inbox();
        try (MqttClient first = connected();
                MqttClient second = options().clientId("d").build()) {
            second.connect();
            first.subscribe("$share/g/+", inbox);
            second.subscribe("$share/g/+", other);
            for (int i = 0; i < 6; i++) {
                publish("" + i, false);
            }
            assertThat(inbox.nextTexts(3)).containsExactly("0", "2", "4");
            assertThat(other.nextTexts(3)).containsExactly("1", "3", "5");
        }
    }

    /** [MQTT-3.2.2-21] for the keep alive; section 3.2.2.3.2 for the session expiry. */
    @Test
    void sessionExpiryGrantedByTheBrokerWins() {
        broker.grant().sessionExpiry(Duration.ofSeconds(77));
        try (MqttClient client =
                options().session(SessionStore.inMemory(), Duration.ofDays(1)).build()) {
            assertThat(client.connect().negotiated().sessionExpiry()).hasSeconds(77);
            assertThat(client.negotiated().sessionExpiry()).hasSeconds(77);
        }
    }

    @Test
    void aSessionThatTheBrokerDoesNotKeepIsMadeAnew() throws Exception {
        broker.grant().sessionExpiry(Duration.ZERO);
        try (MqttClient client = options()
                .session(SessionStore.inMemory(), Duration.ofDays(1))
                .subscription("a", inbox)
                .build()) {
            client.connect();
            events.first(ConnectionEvent.Ready.class);
            broker.server().cutConnections();
            events.nth(ConnectionEvent.Ready.class, 2);
            assertThat(events.nth(ConnectionEvent.Connected.class, 2).result().sessionPresent())
                    .isFalse();
            publish("subscribed again", false);
            assertThat(inbox.next().text()).isEqualTo("subscribed again");
        }
    }
}
