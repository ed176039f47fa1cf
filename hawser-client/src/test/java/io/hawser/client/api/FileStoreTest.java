package io.hawser.client.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.hawser.client.MqttClient;
import io.hawser.client.MqttPublisher;
import io.hawser.client.PublisherBuilder;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.MessageDroppedException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.QueuePolicy;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.StoreException;
import io.hawser.mqtt.Subscription;
import io.hawser.store.file.FileSessionStore;
import io.hawser.testing.BrokerExtension;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Clients whose sessions are in files, one after the other. */
@Timeout(60)
class FileStoreTest {
    private static final Duration DAY = Duration.ofDays(1);

    @RegisterExtension
    final BrokerExtension broker = new BrokerExtension();

    @TempDir
    private Path directory;

    private final Inbox inbox = new Inbox();

    private PublisherBuilder publisher() {
        return Variant.hasty(MqttPublisher.builder(broker.url()))
                .clientId("meter")
                .queue(QueuePolicy.bounded(1_000_000))
                .session(FileSessionStore.at(directory), DAY);
    }

    private MqttClient reader() {
        MqttClient reader = Variant.hasty(broker.url()).build();
        reader.connect();
        reader.subscribe("#", inbox);
        return reader;
    }

    @Variant.Each
    void whatWasEnqueuedWithoutABrokerIsDeliveredByTheNextClient(Variant variant) throws Exception {
        try (MqttPublisher first = publisher().version(variant.version()).build()) {
            variant.enqueue(first, Message.of("t", "a"));
            variant.enqueue(first, Message.of("t", "b").qos(Qos.AT_MOST_ONCE));
            variant.enqueue(first, Message.of("t", "c").qos(Qos.EXACTLY_ONCE));
        }
        try (MqttClient reader = reader();
                MqttPublisher second =
                        publisher().version(variant.version()).sendWindow(1).build()) {
            assertThat(second.statistics().queued()).isEqualTo(3);

            variant.connect(second);
            variant.flush(second);

            assertThat(inbox.nextTexts(3)).containsExactly("a", "b", "c");
            assertThat(reader.state()).isNotNull();
            assertThat(second.statistics().queued()).isZero();
        }
        try (MqttPublisher third = publisher().build()) {
            assertThat(third.statistics().queued()).isZero();
        }
    }

    @Test
    void aBacklogLargerThanWhatIsHeldInMemoryArrivesInOrder() throws Exception {
        int count = 30_000;
        List<CompletableFuture<?>> accepted = new ArrayList<>();
        try (MqttPublisher first = publisher().build()) {
            IntStream.range(0, count)
                    .forEach(i -> accepted.add(first.enqueueAsync(Message.of("t", Integer.toString(i)))));
            accepted.forEach(Variant::outcome);
        }
        try (MqttClient reader = reader();
                MqttPublisher second = publisher().sendWindow(100).build()) {
            CompletableFuture<PublishResult> behind = second.publishAsync(Message.of("t", "last"));
            second.connect();

            second.flush();

            assertThat(Variant.outcome(behind)).isEqualTo(PublishResult.ACKNOWLEDGED);
            assertThat(inbox.nextTexts(count))
                    .isEqualTo(IntStream.range(0, count)
                            .mapToObj(Integer::toString)
                            .toList());
            assertThat(inbox.next().text()).isEqualTo("last");
            assertThat(reader.state()).isNotNull();
        }
    }

    @Test
    void theOutcomeOfAMessageWithAKeyIsHeardInALaterProcess() {
        try (MqttPublisher first = publisher().onOutcome((key, outcome) -> {}).build()) {
            first.enqueue(Message.of("t", "m"), "order 66");
        }
        Map<String, CompletableFuture<PublishResult>> heard = new ConcurrentHashMap<>();
        try (MqttPublisher second = publisher().onOutcome(heard::put).build()) {
            second.connect();

            await().until(() -> heard.containsKey("order 66"));

            assertThat(Variant.outcome(heard.get("order 66")).reasonCode())
                    .isEqualTo(ReasonCode.NO_MATCHING_SUBSCRIBERS);
        }
    }

    @Test
    void anOutcomeWhoseListenerFailedIsToldAgain() {
        CompletableFuture<String> first = new CompletableFuture<>();
        try (MqttPublisher failing = publisher()
                .onOutcome((key, outcome) -> {
                    first.complete(key);
                    throw new IllegalStateException("the database is away");
                })
                .build()) {
            failing.connect();
            failing.enqueue(Message.of("t", "m"), "k");
            assertThat(Variant.outcome(first)).isEqualTo("k");
        }
        Map<String, CompletableFuture<PublishResult>> heard = new ConcurrentHashMap<>();
        try (MqttPublisher next = publisher().onOutcome(heard::put).build()) {
            next.connect();

            await().until(() -> heard.containsKey("k"));
        }
    }

    @Test
    void beingDroppedIsAnOutcome() {
        Map<String, CompletableFuture<PublishResult>> heard = new ConcurrentHashMap<>();
        try (MqttPublisher offline = publisher()
                .queue(QueuePolicy.bounded(1).dropOldest())
                .onOutcome(heard::put)
                .build()) {
            offline.enqueue(Message.of("t", "a"), "old");
            offline.enqueue(Message.of("t", "b"), "new");

            await().until(() -> heard.containsKey("old"));

            assertThat(heard.get("old")).isCompletedExceptionally();
            assertThatExceptionOfType(MessageDroppedException.class)
                    .isThrownBy(() -> Variant.outcome(heard.get("old")));
        }
    }

    @Test
    void aKeyNeedsSomebodyWhoHears() {
        try (MqttPublisher publisher = publisher().build()) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> publisher.enqueueAsync(Message.of("t", "m"), "k"))
                    .withMessageContaining("onOutcome");
        }
    }

    @Test
    void aSessionIsOpenOnce() {
        try (MqttPublisher owner = publisher().build()) {
            assertThat(owner.clientId()).isEqualTo("meter");
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> publisher().build())
                    .withMessageContaining("'meter'");
        }
        publisher().build().close();
    }

    @Variant.Each
    void aSubscriberFindsItsSessionAndTheMessagesThatWaitedForIt(Variant variant) throws Exception {
        FileSessionStore store = FileSessionStore.at(directory);
        Subscription jobs = Subscription.to("jobs/#");
        try (MqttClient first = variant.client(broker.url())
                .clientId("worker")
                .session(store, DAY)
                .subscription(jobs, inbox)
                .build()) {
            variant.connect(first);
            await().until(() -> first.state() == ConnectionState.READY);
        }
        try (MqttClient boss = Variant.hasty(broker.url()).build()) {
            boss.connect();
            boss.publish(Message.of("jobs/1", "dig").qos(Qos.EXACTLY_ONCE));
            boss.publish(Message.of("jobs/2", "fill"));
        }
        try (MqttClient second = variant.client(broker.url())
                .clientId("worker")
                .session(FileSessionStore.at(directory), DAY)
                .subscription(jobs, inbox)
                .build()) {
            variant.connect(second);

            assertThat(inbox.nextTexts(2)).containsExactlyInAnyOrder("dig", "fill");
        }
    }

    @Variant.Each
    void theBrokerForgetsASessionThatIsClosedWithAnExpiryOfZero(Variant variant) {
        try (MqttPublisher first = publisher().version(variant.version()).build()) {
            variant.connect(first);
            Variant.outcome(first.closeAsync(Duration.ZERO));
        }
        try (MqttPublisher second = publisher().version(variant.version()).build()) {
            boolean kept = variant.connect(second).sessionPresent();

            // CONNACK of 3.1 cannot tell, and DISCONNECT of 3.1.1 cannot say it.
            assertThat(kept).isEqualTo(variant.version() == ProtocolVersion.MQTT_3_1_1);
        }
    }

    @Test
    void onlyASessionThatIsKeptCanBeKeptLonger() {
        try (MqttPublisher passing = MqttPublisher.builder(broker.url()).build()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> passing.closeAsync(Duration.ofSeconds(1)))
                    .withMessageContaining("PT1S");
        }
    }
}
