package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hawser.client.ClientBuilder;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Qos;
import io.hawser.store.SessionStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Mosquitto hangs, stops or dies, and comes back on the same port. */
@Tag("slow")
class MosquittoOutageTest {
    private static final Duration EXPIRY = Duration.ofHours(1);
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(20);

    private final Clients clients = new Clients();
    /**
     * When more than {@code max_inflight_messages} wait for PUBCOMP, a restarted Mosquitto 2.0 sends the rest as PUBLISH again
     * after it had sent PUBREL, against [MQTT-4.3.3-1]: duplicates that no client can tell from new messages.
     */
    private final Mosquitto broker = Mosquitto.options()
            .persistent()
            .line("max_inflight_messages 1000")
            .line("max_queued_messages 100000")
            .start();

    private final Inbox inbox = new Inbox();

    @AfterEach
    void closeAll() {
        clients.close();
        broker.close();
    }

    /** A client with a session of its own that notices a silent broker soon. */
    private ClientBuilder<MqttClient> options() {
        return clients.options(broker.url())
                .keepAlive(Duration.ofSeconds(1))
                .pingTimeout(Duration.ofMillis(500))
                .connectTimeout(Duration.ofSeconds(1))
                .session(SessionStore.inMemory(), EXPIRY);
    }

    private MqttClient subscriber(String topic) {
        MqttClient subscriber = clients.connect(options().subscription(topic, inbox));
        await().until(() -> subscriber.state() == ConnectionState.READY);
        return subscriber;
    }

    private static List<CompletableFuture<PublishResult>> publish(
            MqttClient publisher, String topic, Qos qos, int from, int to) {
        List<CompletableFuture<PublishResult>> results = new ArrayList<>();
        for (int i = from; i < to; i++) {
            results.add(publisher.publishAsync(
                    Message.of(topic, Integer.toString(i)).qos(qos)));
        }
        return results;
    }

    private static void awaitAll(List<CompletableFuture<PublishResult>> results) throws Exception {
        for (CompletableFuture<PublishResult> result : results) {
            result.get(30, TimeUnit.SECONDS);
        }
    }

    private static List<String> numbers(int to) {
        List<String> numbers = new ArrayList<>();
        for (int i = 0; i < to; i++) {
            numbers.add(Integer.toString(i));
        }
        return numbers;
    }

    private void awaitNoticed() {
        await().atMost(LONG_ENOUGH)
                .until(() -> clients.events.stream().anyMatch(ConnectionEvent.Disconnected.class::isInstance));
    }

    @ParameterizedTest
    @EnumSource(names = {"AT_LEAST_ONCE", "EXACTLY_ONCE"})
    void whatIsAcceptedWhileTheBrokerHangsArrivesInOrderOnceItGoesOn(Qos qos) throws Exception {
        subscriber("hang");
        MqttClient publisher = clients.connect(options().sendWindow(1));
        awaitAll(publish(publisher, "hang", qos, 0, 100));
        broker.pause();
        List<CompletableFuture<PublishResult>> results = publish(publisher, "hang", qos, 100, 300);
        awaitNoticed();
        results.addAll(publish(publisher, "hang", qos, 300, 400));
        broker.resume();
        awaitAll(results);
        publisher.publish(Message.of("hang", "end").qos(qos));
        assertOrder(inbox.textsBefore("end"), qos, 400);
    }

    @ParameterizedTest
    @EnumSource(names = {"AT_LEAST_ONCE", "EXACTLY_ONCE"})
    void whatIsAcceptedWhileTheBrokerHangsArrivesInOrderAfterItsRestart(Qos qos) throws Exception {
        subscriber("restart");
        MqttClient publisher = clients.connect(options().sendWindow(1));
        awaitAll(publish(publisher, "restart", qos, 0, 100));
        broker.pause();
        List<CompletableFuture<PublishResult>> results = publish(publisher, "restart", qos, 100, 300);
        awaitNoticed();
        broker.restart();
        results.addAll(publish(publisher, "restart", qos, 300, 400));
        awaitAll(results);
        publisher.publish(Message.of("restart", "end").qos(qos));
        assertOrder(inbox.textsBefore("end"), qos, 400);
    }

    /** In order; at QoS 1 a message may come again, directly after itself. */
    private static void assertOrder(List<String> texts, Qos qos, int count) {
        if (qos == Qos.AT_LEAST_ONCE) {
            List<String> once = new ArrayList<>(new LinkedHashSet<>(texts));
            assertThat(once).isEqualTo(numbers(count));
        } else {
            assertThat(texts).isEqualTo(numbers(count));
        }
    }

    @Test
    void noticesAHangingBrokerWithoutAnythingToSend() {
        MqttClient client = clients.connect(options());
        broker.pause();
        awaitNoticed();
        broker.resume();
        await().atMost(LONG_ENOUGH)
                .until(() -> client.statistics().connections() == 2 && client.state() == ConnectionState.READY);
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void exactlyOnceHoldsOverRestartsInTheMiddle(ProtocolVersion version) throws Exception {
        int count = 1_200;
        MqttClient subscriber = clients.connect(options().version(version).subscription("middle", inbox));
        await().until(() -> subscriber.state() == ConnectionState.READY);
        MqttClient publisher = clients.connect(options().version(version));
        List<CompletableFuture<PublishResult>> results = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            results.addAll(publish(publisher, "middle", Qos.EXACTLY_ONCE, i * 400, (i + 1) * 400));
            // Some are acknowledged, some are half way, some are not sent.
            results.get(i * 400 + 50).get(20, TimeUnit.SECONDS);
            broker.restart();
        }
        awaitAll(results);
        assertThat(results).noneMatch(result -> result.join().possiblyDuplicated());
        publisher.publish(Message.of("middle", "end").qos(Qos.EXACTLY_ONCE));
        assertThat(inbox.textsBefore("end")).containsExactlyInAnyOrderElementsOf(numbers(count));
    }

    @Test
    void whatABrokerForgetsWhenKilledIsPublishedAgain() throws Exception {
        MqttClient subscriber = subscriber("killed");
        MqttClient publisher = clients.connect(options());
        broker.pause();
        List<CompletableFuture<PublishResult>> results =
                new ArrayList<>(publish(publisher, "killed", Qos.EXACTLY_ONCE, 0, 50));
        results.addAll(publish(publisher, "killed", Qos.AT_LEAST_ONCE, 50, 100));
        await().until(() -> publisher.statistics().sent() > 0);
        broker.kill();
        broker.restart();
        await().atMost(LONG_ENOUGH)
                .until(() -> subscriber.statistics().connections() == 2 && subscriber.state() == ConnectionState.READY);
        awaitAll(results);
        assertThat(results).anyMatch(result -> result.join().possiblyDuplicated());
    }

    @Test
    void connectsToABrokerThatStartsLater() throws Exception {
        broker.stop();
        MqttClient client = clients.build(options().subscription("later", inbox));
        client.connectAsync();
        CompletableFuture<PublishResult> result = client.publishAsync(Message.of("later", "patience"));
        await().until(() -> clients.events.stream().anyMatch(ConnectionEvent.ReconnectScheduled.class::isInstance));
        broker.restart();
        result.get(20, TimeUnit.SECONDS);
        client.publish(Message.of("later", "end"));
        assertThat(inbox.textsBefore("end")).isSubsetOf("patience");
    }
}
