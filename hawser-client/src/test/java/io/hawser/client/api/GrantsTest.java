package io.hawser.client.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.hawser.client.MqttClient;
import io.hawser.mqtt.ConnectResult;
import io.hawser.mqtt.ConnectResult.Negotiated;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.mqtt.Subscription;
import io.hawser.testing.BrokerExtension;
import io.hawser.testing.Misbehaviour.Answer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a broker of MQTT 5.0 grants, and what the client makes of it. */
@Timeout(60)
class GrantsTest {
    @RegisterExtension
    final BrokerExtension broker = new BrokerExtension();

    private final Inbox inbox = new Inbox();
    private final Events events = new Events();

    private MqttClient connected() {
        MqttClient client =
                Variant.hasty(broker.url()).clientId("c").onEvent(events).build();
        client.connect();
        return client;
    }

    private static ReasonCode refusalOf(Runnable request) {
        return catchThrowableOfType(RequestRejectedException.class, request::run)
                .reasonCode();
    }

    @Test
    void areTold() {
        broker.grant()
                .receiveMaximum(7)
                .maximumQos(Qos.AT_LEAST_ONCE)
                .retainAvailable(false)
                .topicAliasMaximum(3)
                .maximumPacketSize(1000)
                .serverKeepAlive(Duration.ofSeconds(33))
                .wildcardSubscriptions(false)
                .subscriptionIdentifiers(false)
                .sharedSubscriptions(false);
        try (MqttClient client = connected()) {
            assertThat(client.negotiated())
                    .isEqualTo(new Negotiated(
                            Duration.ofSeconds(33),
                            Duration.ZERO,
                            7,
                            Qos.AT_LEAST_ONCE,
                            1000,
                            3,
                            false,
                            false,
                            false,
                            false,
                            null));
        }
    }

    /** [5.0 MQTT-3.2.2-11] [5.0 MQTT-3.2.2-14] [5.0 MQTT-3.2.2-15] */
    @Test
    void refuseWhatGoesBeyondThemBeforeItIsSent() {
        broker.grant()
                .maximumQos(Qos.AT_LEAST_ONCE)
                .retainAvailable(false)
                .maximumPacketSize(200)
                .wildcardSubscriptions(false)
                .sharedSubscriptions(false);
        try (MqttClient client = connected()) {
            assertThat(refusalOf(() -> client.publish(Message.of("a", "").qos(Qos.EXACTLY_ONCE))))
                    .isEqualTo(ReasonCode.QOS_NOT_SUPPORTED);
            assertThat(refusalOf(() -> client.publish(Message.of("a", "").retain(true))))
                    .isEqualTo(ReasonCode.RETAIN_NOT_SUPPORTED);
            assertThat(refusalOf(() -> client.publish(Message.of("a", "x".repeat(200)))))
                    .isEqualTo(ReasonCode.PACKET_TOO_LARGE);
            assertThat(refusalOf(() -> client.subscribe("a/+", inbox)))
                    .isEqualTo(ReasonCode.WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED);
            assertThat(refusalOf(() -> client.subscribe("$share/g/a", inbox)))
                    .isEqualTo(ReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED);
            assertThat(client.statistics().connections()).isEqualTo(1);
        }
    }

    /** [5.0 MQTT-3.3.4-7] [5.0 MQTT-3.3.4-8] [5.0 MQTT-4.9.0-3] */
    @Tag("slow")
    @Test
    void receiveMaximumOfTheBrokerBoundsTheWindow() {
        broker.grant().receiveMaximum(2);
        broker.misbehave().swallow(Answer.PUBACK);
        try (MqttClient client = connected()) {
            for (int i = 0; i < 5; i++) {
                client.publishAsync(Message.of("a", "" + i));
            }
            client.subscribe("round/trip", inbox);

            assertThat(client.statistics().connections()).isEqualTo(1);
            await().until(() -> client.statistics().inFlight() == 2);
            assertThat(broker.server().goodbye("c")).isNull();
        }
    }

    @Test
    void assignedClientIdentifierIsKept() {
        try (MqttClient client =
                Variant.hasty(broker.url()).clientId("").onEvent(events).build()) {
            ConnectResult first = client.connect();
            assertThat(first.clientId()).startsWith("assigned-");
            events.first(ConnectionEvent.Ready.class);

            broker.server().cutConnections();
            events.nth(ConnectionEvent.Ready.class, 2);

            assertThat(broker.server().connectedClients()).containsExactly(first.clientId());
        }
    }

    /** [5.0 MQTT-3.3.2-7] [5.0 MQTT-3.2.2-17] */
    @Test
    void topicAliasesStandForTopicsOnEveryConnection() throws Exception {
        broker.grant().topicAliasMaximum(1);
        try (MqttClient client = connected()) {
            client.subscribe("long/#", inbox);
            for (String topic : List.of("long/topic/1", "long/topic/1", "long/topic/2", "long/topic/1")) {
                client.publish(Message.of(topic, "x"));
                assertThat(inbox.next().topic()).isEqualTo(topic);
            }
            broker.server().cutConnections();
            client.publish(Message.of("long/topic/1", "y"));
            assertThat(inbox.next().topic()).isEqualTo("long/topic/1");
        }
    }

    @Test
    void attributesArriveAsTheyWereSent() throws Exception {
        Message message = Message.of("a", "text")
                .utf8(true)
                .contentType("text/plain")
                .responseTopic("answers")
                .correlationData(new byte[] {0, 1, -1})
                .userProperty("k", "1")
                .userProperty("k", "2");
        try (MqttClient client = connected()) {
            client.subscribe("a", inbox);
            client.publish(message);
            assertThat(inbox.next().message()).isEqualTo(message);
        }
    }

    @Test
    void noLocalKeepsOwnMessagesAway() throws Exception {
        try (MqttClient client = connected()) {
            client.subscribe(Subscription.to("a").noLocal(true), inbox);
            client.publish(Message.of("a", "own"));
            broker.publish(Message.of("a", "foreign"));
            assertThat(inbox.next().text()).isEqualTo("foreign");
        }
    }

    @Test
    void publishSaysThatNobodyListens() {
        try (MqttClient client = connected()) {
            assertThat(client.publish(Message.of("a", "")).reasonCode()).isEqualTo(ReasonCode.NO_MATCHING_SUBSCRIBERS);
        }
    }

    @Test
    void takenOverClientHearsWhy() {
        try (MqttClient client = connected();
                MqttClient other = Variant.hasty(broker.url()).clientId("c").build()) {
            assertThat(client.state()).isNotNull();
            other.connect();
            assertThat(events.first(ConnectionEvent.Disconnected.class).cause())
                    .hasMessageContaining("SESSION_TAKEN_OVER");
        }
    }
}
