package io.hawser.client.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.hawser.client.Delivery;
import io.hawser.client.MqttClient;
import io.hawser.client.MqttSubscriber;
import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.mqtt.SubscribeResult;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.store.SessionStore;
import io.hawser.testing.BrokerExtension;
import io.hawser.testing.Misbehaviour.Answer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class SubscribingTest {
    @RegisterExtension
    final BrokerExtension broker = new BrokerExtension();

    private final Inbox inbox = new Inbox();
    private final Events events = new Events();

    @Variant.Each
    void subscribesAndUnsubscribes(Variant variant) throws Exception {
        try (MqttClient client = variant.client(broker.url()).clientId("c").build()) {
            variant.connect(client);
            Subscription subscription = Subscription.to("a/+").qos(Qos.AT_LEAST_ONCE);

            assertThat(variant.subscribe(client, subscription, inbox))
                    .isEqualTo(new SubscribeResult(subscription, ReasonCode.GRANTED_QOS_1, "", List.of(), null));

            broker.publish(Message.of("a/1", "text").qos(Qos.EXACTLY_ONCE));
            assertThat(inbox.next().qos()).isEqualTo(Qos.AT_LEAST_ONCE);
            variant.unsubscribe(client, "a/+");
            assertThat(broker.server().subscriptions("c")).isEmpty();
            variant.subscribe(client, "b", inbox);
            broker.publish(Message.of("a/1", "too late"));
            broker.publish(Message.of("b", "end"));
            assertThat(inbox.next().text()).isEqualTo("end");
        }
    }

    @Variant.Each
    void sameFilterAgainReplacesQosAndHandler(Variant variant) throws Exception {
        Inbox second = new Inbox();
        try (MqttClient client = variant.client(broker.url()).clientId("c").build()) {
            variant.connect(client);
            variant.subscribe(client, Subscription.to("a").qos(Qos.AT_MOST_ONCE), inbox);
            variant.subscribe(client, Subscription.to("a").qos(Qos.AT_LEAST_ONCE), second);
            broker.publish(Message.of("a", "1"));

            assertThat(second.next().qos()).isEqualTo(Qos.AT_LEAST_ONCE);
            assertThat(inbox.soFar()).isEmpty();
            assertThat(broker.server().subscriptions("c")).hasSize(1);
        }
    }

    @Variant.Each
    void subscribingBeforeConnectingWaitsForTheConnection(Variant variant) throws Exception {
        try (MqttClient client = variant.client(broker.url()).build()) {
            CompletableFuture<SubscribeResult> subscribed = client.subscribeAsync(Subscription.to("a"), inbox);
            variant.connect(client);
            Variant.outcome(subscribed);
            broker.publish(Message.of("a", "1"));
            assertThat(inbox.next().text()).isEqualTo("1");
        }
    }

    @Variant.Each
    void subscriptionsOutliveTheSession(Variant variant) throws Exception {
        try (MqttClient client =
                variant.client(broker.url()).clientId("c").onEvent(events).build()) {
            variant.connect(client);
            variant.subscribe(client, "a", inbox);
            events.first(ConnectionEvent.Ready.class);
            broker.server().restart(false);
            events.nth(ConnectionEvent.Ready.class, 2);

            broker.publish(Message.of("a", "again"));

            assertThat(inbox.next().text()).isEqualTo("again");
        }
    }

    @Variant.Each
    void subscribeWithoutAnswerIsSentAgainWithTheNextConnection(Variant variant) throws Exception {
        broker.misbehave().swallow(Answer.SUBACK);
        try (MqttClient client = variant.client(broker.url()).clientId("c").build()) {
            variant.connect(client);
            CompletableFuture<SubscribeResult> subscribed = client.subscribeAsync(Subscription.to("a"), inbox);
            await().until(() -> !broker.server().subscriptions("c").isEmpty());
            assertThat(subscribed).isNotDone();
            broker.misbehave().none();

            broker.server().cutConnections();

            assertThat(Variant.outcome(subscribed).granted()).isEqualTo(Qos.EXACTLY_ONCE);
        }
    }

    @Test
    void refusedSubscriptionFailsWithFilterAndReason() throws Exception {
        broker.misbehave().refuseFilter("secret/#");
        try (MqttClient client = Variant.hasty(broker.url()).onEvent(events).build()) {
            client.connect();

            assertThatExceptionOfType(RequestRejectedException.class)
                    .isThrownBy(() -> client.subscribe("secret/#", inbox))
                    .withMessage("SUBSCRIBE to 'secret/#' was refused by the broker: UNSPECIFIED_ERROR")
                    .satisfies(e -> assertThat(e.filter()).isEqualTo(TopicFilter.of("secret/#")))
                    .satisfies(e -> assertThat(e.reasonCode()).isEqualTo(ReasonCode.UNSPECIFIED_ERROR))
                    .satisfies(e -> assertThat(e.reasonString()).isEmpty());
            assertThat(events.first(ConnectionEvent.SubscriptionRefused.class).subscription())
                    .isEqualTo(Subscription.to("secret/#"));
            client.subscribe("open", inbox);
            broker.publish(Message.of("open", "1"));
            assertThat(inbox.next().text()).isEqualTo("1");
        }
    }

    @Test
    void refusedResubscriptionIsAnEvent() {
        try (MqttClient client = Variant.hasty(broker.url()).onEvent(events).build()) {
            client.connect();
            client.subscribe("a", inbox);
            broker.misbehave().refuseFilter("a");
            broker.server().restart(false);

            ConnectionEvent.SubscriptionRefused refused = events.first(ConnectionEvent.SubscriptionRefused.class);

            assertThat(refused.subscription()).isEqualTo(Subscription.to("a"));
            assertThat(refused.cause().filter()).isEqualTo(TopicFilter.of("a"));
        }
    }

    @Variant.Each
    void declaredHandlersHearTheMessagesOfAResumedSession(Variant variant) throws Exception {
        SessionStore store = SessionStore.inMemory();
        try (MqttClient first = variant.client(broker.url())
                .clientId("c")
                .session(store, Duration.ofDays(1))
                .build()) {
            variant.connect(first);
            variant.subscribe(first, "a", delivery -> {});
        }
        for (int i = 0; i < 50; i++) {
            broker.publish(Message.of("a", Integer.toString(i)));
        }
        try (MqttSubscriber second = Variant.hasty(MqttSubscriber.builder(broker.url()))
                .version(variant.version())
                .clientId("c")
                .session(store, Duration.ofDays(1))
                .subscription("a", inbox)
                .build()) {
            variant.connect(second);

            assertThat(inbox.nextTexts(50)).startsWith("0", "1").endsWith("48", "49");
        }
    }

    @Variant.Each
    void messagesWithoutAHandlerWaitForOne(Variant variant) throws Exception {
        SessionStore store = SessionStore.inMemory();
        try (MqttClient first = variant.client(broker.url())
                .clientId("c")
                .session(store, Duration.ofDays(1))
                .build()) {
            variant.connect(first);
            variant.subscribe(first, "a", delivery -> {});
        }
        broker.publish(Message.of("a", "held"));
        try (MqttClient second = variant.client(broker.url())
                .clientId("c")
                .session(store, Duration.ofDays(1))
                .build()) {
            variant.connect(second);
            await().until(() -> second.statistics().unacknowledged() == 1);
            assertThat(broker.server().pending("c")).isEqualTo(1);

            variant.subscribe(second, "a", inbox);

            assertThat(inbox.next().text()).isEqualTo("held");
            await().until(() -> broker.server().pending("c") == 0);
        }
    }

    @Variant.Each
    void defaultHandlerTakesWhatMatchesNoSubscription(Variant variant) throws Exception {
        SessionStore store = SessionStore.inMemory();
        try (MqttClient first = variant.client(broker.url())
                .clientId("c")
                .session(store, Duration.ofDays(1))
                .build()) {
            variant.connect(first);
            variant.subscribe(first, "a", delivery -> {});
        }
        broker.publish(Message.of("a", "1"));
        Inbox rest = new Inbox();
        try (MqttClient second = variant.client(broker.url())
                .clientId("c")
                .session(store, Duration.ofDays(1))
                .subscription("b", inbox)
                .defaultHandler(rest)
                .build()) {
            variant.connect(second);

            assertThat(rest.next().text()).isEqualTo("1");
            assertThat(inbox.soFar()).isEmpty();
        }
    }

    @Variant.Each
    void statisticsCountWhatCameAndWhatWasDropped(Variant variant) throws Exception {
        try (MqttClient client = variant.client(broker.url()).clientId("c").build()) {
            variant.connect(client);
            variant.subscribe(client, "a", delivery -> inbox.handle(delivery.defer()));
            byte[] qos0WithoutAHandler = variant.version() == ProtocolVersion.MQTT_5
                    ? new byte[] {0x30, 5, 0, 1, 'x', 0, '!'}
                    : new byte[] {0x30, 4, 0, 1, 'x', '!'};
            broker.server().send("c", qos0WithoutAHandler);
            broker.publish(Message.of("a", "1"));
            Delivery delivery = inbox.next();

            await().until(() -> client.statistics().unacknowledged() == 1);
            assertThat(client.statistics().received()).isEqualTo(2);
            assertThat(client.statistics().droppedInbound()).isEqualTo(1);
            assertThat(client.statistics().connections()).isEqualTo(1);
            delivery.ack();
            await().until(() -> client.statistics().unacknowledged() == 0);
        }
    }

    @Test
    void everyMatchingHandlerHearsAMessage() throws Exception {
        Inbox other = new Inbox();
        try (MqttClient client = Variant.hasty(broker.url()).build()) {
            client.connect();
            client.subscribe("a/#", inbox);
            client.subscribe("+/1", other);
            broker.publish(Message.of("a/1", "both"));

            assertThat(inbox.next().text()).isEqualTo("both");
            assertThat(other.next().text()).isEqualTo("both");
        }
    }

    @Test
    void thousandSubscriptionsAreMadeAndMadeAgain() throws Exception {
        try (MqttClient client =
                Variant.hasty(broker.url()).clientId("c").onEvent(events).build()) {
            client.connect();
            CompletableFuture<?>[] all = new CompletableFuture<?>[1000];
            for (int i = 0; i < all.length; i++) {
                all[i] = client.subscribeAsync(Subscription.to("a/" + i), inbox);
            }
            CompletableFuture.allOf(all).join();
            broker.server().restart(false);
            events.nth(ConnectionEvent.Ready.class, 2);

            assertThat(broker.server().subscriptions("c")).hasSize(1000);
            broker.publish(Message.of("a/999", "1"));
            assertThat(inbox.next().topic()).isEqualTo("a/999");
        }
    }

    @Variant.Each
    void requestsOfAClosedClientFail(Variant variant) {
        MqttClient client = variant.client(broker.url()).build();
        CompletableFuture<SubscribeResult> before = client.subscribeAsync(Subscription.to("a"), inbox);
        variant.close(client);

        assertThatExceptionOfType(ClientClosedException.class).isThrownBy(() -> Variant.outcome(before));
        assertThatExceptionOfType(ClientClosedException.class).isThrownBy(() -> variant.subscribe(client, "a", inbox));
        assertThatExceptionOfType(ClientClosedException.class).isThrownBy(() -> variant.unsubscribe(client, "a"));
        assertThatExceptionOfType(ClientClosedException.class).isThrownBy(() -> variant.connect(client));
    }
}
