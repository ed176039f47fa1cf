package io.hawser.client.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hawser.client.MqttBuilder.Attempt;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ReconnectPolicy;
import io.hawser.store.SessionStore;
import io.hawser.testing.BrokerExtension;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Attempts to connect that a function of the program prepares, at once or later, and that expire. */
@Timeout(60)
class AttemptsTest {
    private static final ReconnectPolicy QUICK =
            ReconnectPolicy.exponential(Duration.ofMillis(10), Duration.ofMillis(20));

    @RegisterExtension
    final BrokerExtension broker = new BrokerExtension();

    @Test
    void theFunctionIsToldTheServerAndMayAnswerLaterAndNameAnother() {
        List<String> asked = new CopyOnWriteArrayList<>();
        CompletableFuture<Attempt> later = new CompletableFuture<>();
        try (MqttClient client = MqttClient.builder("mqtt://localhost:1")
                .attempts(server -> {
                    asked.add(server);
                    return later;
                })
                .build()) {
            var connecting = client.connectAsync();
            await().until(() -> asked.size() == 1);
            later.complete(Attempt.standard().credentials(Credentials.of("joe")).server(broker.url()));

            assertThat(connecting).succeedsWithin(Duration.ofSeconds(30));
        }
        assertThat(asked).containsExactly("mqtt://localhost:1");
    }

    @Test
    void aFunctionThatFailsOrNeverAnswersIsAskedAgainWithTheNextAttempt() {
        AtomicInteger asked = new AtomicInteger();
        try (MqttClient client = MqttClient.builder(broker.url())
                .reconnect(QUICK)
                .connectTimeout(Duration.ofMillis(300))
                .attempts(server -> switch (asked.getAndIncrement()) {
                    case 0 -> throw new IllegalStateException("no token service");
                    case 1 -> CompletableFuture.failedFuture(new IllegalStateException("no token"));
                    case 2 -> new CompletableFuture<>();
                    default -> CompletableFuture.completedFuture(Attempt.standard());
                })
                .build()) {
            client.connect();
        }
        assertThat(asked).hasValueGreaterThanOrEqualTo(4);
    }

    @Test
    void whatExpiresIsRenewedBeforeByAPlannedReconnectThatLosesNothing() {
        AtomicInteger asked = new AtomicInteger();
        List<ConnectionEvent> events = new CopyOnWriteArrayList<>();
        List<String> received = new CopyOnWriteArrayList<>();
        try (MqttClient client = MqttClient.builder(broker.url())
                .clientId("device")
                .session(SessionStore.inMemory(), Duration.ofHours(1))
                .onEvent(events::add)
                .attempts(server -> CompletableFuture.completedFuture(Attempt.standard()
                        .expiresAt(Instant.now().plusSeconds(asked.getAndIncrement() == 0 ? 2 : 3_600))))
                .build()) {
            client.connect();
            client.subscribe("t", delivery -> received.add(delivery.text()));
            int sent = 0;
            while (client.statistics().connections() < 2 && sent < 100_000) {
                client.publish(Message.of("t", "m" + sent++));
            }
            int last = sent;
            await().atMost(Duration.ofSeconds(30)).until(() -> received.size() >= last);
            assertThat(received).doesNotHaveDuplicates().hasSize(last);
        }
        assertThat(asked).hasValue(2);
        assertThat(events)
                .filteredOn(ConnectionEvent.Renewing.class::isInstance)
                .containsExactly(new ConnectionEvent.Renewing(Duration.ofSeconds(1), true));
        assertThat(events).noneMatch(ConnectionEvent.ReconnectScheduled.class::isInstance);
    }
}
