package io.hawser.client.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.hawser.client.ClientBuilder;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.ConnectionEvent.RequestUnanswered;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.OperationTimeoutException;
import io.hawser.testing.BrokerExtension;
import io.hawser.testing.Misbehaviour.Answer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Options that a program changes on a living client. */
@Timeout(60)
class ChangingTest {
    @RegisterExtension
    final BrokerExtension broker = new BrokerExtension();

    private final Events events = new Events();

    /** An option with a value beyond its range, set on a builder and on a client. */
    private record Beyond(
            String name,
            BiConsumer<ClientBuilder<MqttClient>, Object> built,
            BiConsumer<MqttClient, Object> changed,
            Object value) {
        @Override
        public String toString() {
            return name + " " + value;
        }
    }

    private static Stream<Beyond> beyond() {
        List<Duration> bad = List.of(Duration.ofNanos(-1), Duration.ofDays(20_000));
        return Stream.of(
                        bad.stream()
                                .map(value -> new Beyond(
                                        "timeout",
                                        (b, v) -> b.timeout((Duration) v),
                                        (c, v) -> c.timeout((Duration) v),
                                        value)),
                        bad.stream()
                                .map(value -> new Beyond(
                                        "connectTimeout",
                                        (b, v) -> b.connectTimeout((Duration) v),
                                        (c, v) -> c.connectTimeout((Duration) v),
                                        value)),
                        bad.stream()
                                .map(value -> new Beyond(
                                        "pingTimeout",
                                        (b, v) -> b.pingTimeout((Duration) v),
                                        (c, v) -> c.pingTimeout((Duration) v),
                                        value)),
                        bad.stream()
                                .map(value -> new Beyond(
                                        "closeTimeout",
                                        (b, v) -> b.closeTimeout((Duration) v),
                                        (c, v) -> c.closeTimeout((Duration) v),
                                        value)),
                        bad.stream()
                                .map(value -> new Beyond(
                                        "unansweredAfter",
                                        (b, v) -> b.unansweredAfter((Duration) v),
                                        (c, v) -> c.unansweredAfter((Duration) v),
                                        value)),
                        Stream.of(0, 65_536)
                                .map(value -> new Beyond(
                                        "sendWindow",
                                        (b, v) -> b.sendWindow((Integer) v),
                                        (c, v) -> c.sendWindow((Integer) v),
                                        value)))
                .flatMap(each -> each);
    }

    @ParameterizedTest
    @MethodSource("beyond")
    void aValueIsCheckedAsTheBuilderDoes(Beyond option) {
        try (MqttClient client = Variant.hasty(broker.url()).build()) {
            IllegalArgumentException built = catchThrowableOfType(
                    IllegalArgumentException.class,
                    () -> option.built.accept(MqttClient.builder(broker.url()), option.value));
            IllegalArgumentException changed = catchThrowableOfType(
                    IllegalArgumentException.class, () -> option.changed.accept(client, option.value));

            assertThat(changed).hasMessage(built.getMessage()).hasMessageStartingWith(option.name + " is ");
        }
    }

    @Test
    void theSendWindowOfALivingClientIsChangedFromManyThreads() {
        broker.misbehave().swallow(Answer.PUBACK);
        try (MqttClient client = Variant.hasty(broker.url())
                .sendWindow(1)
                .closeTimeout(Duration.ZERO)
                .onEvent(events)
                .build()) {
            client.connect();
            IntStream.range(0, 20).forEach(i -> client.publishAsync(Message.of("a", "" + i)));
            await().until(() -> client.statistics().inFlight() == 1);

            CompletableFuture<?>[] changes = IntStream.range(0, 8)
                    .mapToObj(i -> CompletableFuture.runAsync(() -> client.sendWindow(7)))
                    .toArray(CompletableFuture<?>[]::new);
            CompletableFuture.allOf(changes).join();

            await().until(() -> client.statistics().inFlight() == 7);
        }
    }

    @Test
    void theTimeoutOfBlockingFormsAndTheUnansweredAgeCountAtOnce() {
        broker.misbehave().swallow(Answer.PUBACK);
        try (MqttClient client = Variant.hasty(broker.url())
                .closeTimeout(Duration.ofHours(1))
                .onEvent(events)
                .build()) {
            client.connect();
            client.timeout(Duration.ofMillis(50));
            client.unansweredAfter(Duration.ofMillis(1));
            client.closeTimeout(Duration.ZERO);

            assertThat(client.timeout()).isEqualTo(Duration.ofMillis(50));
            assertThat(catchThrowableOfType(
                            OperationTimeoutException.class, () -> client.publish(Message.of("a", "late"))))
                    .isNotNull();
            assertThat(events.first(RequestUnanswered.class).request()).startsWith("PUBLISH to 'a'");
            client.timeout(Duration.ofSeconds(20));
        }
    }

    @Test
    void aClosedClientTakesChangesAndDoesNothing() {
        MqttClient client = Variant.hasty(broker.url()).build();
        client.close();

        client.sendWindow(5);
        client.pingTimeout(Duration.ofSeconds(1));
        client.connectTimeout(Duration.ofSeconds(1));
        client.unansweredAfter(Duration.ofSeconds(1));

        assertThat(client.statistics().inFlight()).isZero();
    }
}
