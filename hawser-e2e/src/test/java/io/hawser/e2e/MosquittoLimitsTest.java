package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.client.ClientBuilder;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.mqtt.Subscription;
import io.hawser.store.SessionStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Mosquitto with limits in its configuration that it does not tell, or not to every version. */
@Tag("slow")
class MosquittoLimitsTest {
    private static final int COUNT = 200;
    private static final byte[] LARGE = new byte[5_000];

    private final Clients clients = new Clients();
    private final Inbox inbox = new Inbox();

    @AfterEach
    void closeClients() {
        clients.close();
    }

    private ClientBuilder<MqttClient> subscriber(String url, ProtocolVersion version) {
        return clients.options(url, version)
                .session(SessionStore.inMemory(), Duration.ofHours(1))
                .subscription(Subscription.to("load").qos(Qos.EXACTLY_ONCE), inbox);
    }

    private static Message numbered(int i) {
        return Message.of("load", Integer.toString(i)).qos(i % 2 == 0 ? Qos.AT_LEAST_ONCE : Qos.EXACTLY_ONCE);
    }

    /** Small messages, and a large one at each QoS among them; the outcomes of the large ones. */
    private static List<CompletableFuture<PublishResult>> publish(MqttClient client) throws Exception {
        List<CompletableFuture<PublishResult>> small = new ArrayList<>();
        List<CompletableFuture<PublishResult>> large = new ArrayList<>();
        for (int i = 0; i < COUNT; i++) {
            small.add(client.publishAsync(numbered(i)));
            if (i == COUNT / 4 || i == COUNT / 2) {
                large.add(client.publishAsync(
                        Message.of("load", LARGE).qos(i == COUNT / 2 ? Qos.AT_LEAST_ONCE : Qos.EXACTLY_ONCE)));
            }
        }
        for (CompletableFuture<PublishResult> each : small) {
            each.get(60, TimeUnit.SECONDS);
        }
        return large;
    }

    private static void assertTooLarge(CompletableFuture<PublishResult> large) {
        assertThat(large)
                .failsWithin(Duration.ofSeconds(60))
                .withThrowableOfType(ExecutionException.class)
                .havingCause()
                .isInstanceOfSatisfying(
                        RequestRejectedException.class,
                        refusal -> assertThat(refusal.reasonCode()).isEqualTo(ReasonCode.PACKET_TOO_LARGE));
    }

    private void assertSmallOnesArrived(MqttClient client) throws Exception {
        assertThat(inbox.nextTexts(COUNT)).hasSameElementsAs(numbers());
        assertThat(client.statistics().connections()).isEqualTo(1);
        assertThat(clients.events).noneMatch(event -> event instanceof ConnectionEvent.Disconnected);
    }

    /** {@code message_size_limit}: Mosquitto drops the message; with 5.0 it says so in the acknowledgement. */
    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void aMessageBeyondTheSizeLimitStopsNoOther(ProtocolVersion version) throws Exception {
        try (Mosquitto broker =
                Mosquitto.options().line("message_size_limit 1000").start()) {
            MqttClient client = clients.connect(subscriber(broker.url(), version));
            List<CompletableFuture<PublishResult>> large = publish(client);
            for (CompletableFuture<PublishResult> each : large) {
                if (version == ProtocolVersion.MQTT_5) {
                    assertTooLarge(each);
                } else {
                    assertThat(each).succeedsWithin(Duration.ofSeconds(60));
                }
            }
            assertSmallOnesArrived(client);
            clients.close();
        }
    }

    /** {@code max_packet_size}, which Mosquitto tells a client of 5.0. */
    @Test
    void aMessageBeyondTheMaximumPacketSizeIsNotSent() throws Exception {
        try (Mosquitto broker = Mosquitto.options().line("max_packet_size 1000").start()) {
            MqttClient client = clients.connect(subscriber(broker.url(), ProtocolVersion.MQTT_5));
            assertThat(client.negotiated().maximumPacketSize()).isEqualTo(1_000);
            publish(client).forEach(MosquittoLimitsTest::assertTooLarge);
            assertSmallOnesArrived(client);
            clients.close();
        }
    }

    /** Of MQTT 3.1.1, Mosquitto closes the connection on it: the large ones are set aside, and fail at last. */
    @Test
    void aMessageThatMosquittoClosesOnStopsNoOther() throws Exception {
        try (Mosquitto broker = Mosquitto.options().line("max_packet_size 1000").start()) {
            MqttClient client = clients.connect(subscriber(broker.url(), ProtocolVersion.MQTT_3_1_1));
            for (CompletableFuture<PublishResult> large : publish(client)) {
                assertThat(large).failsWithin(Duration.ofSeconds(120));
            }
            assertThat(clients.events).anyMatch(ConnectionEvent.RequestSuspected.class::isInstance);
            client.publish(Message.of("load", "end").qos(Qos.AT_LEAST_ONCE));
            assertThat(Set.copyOf(inbox.textsBefore("end"))).hasSameElementsAs(numbers());
            clients.close();
        }
    }

    private static List<String> numbers() {
        return IntStream.range(0, COUNT).mapToObj(Integer::toString).toList();
    }

    /**
     * Both directions get along with so few at a time, whatever the client would take. Mosquitto does not tell a client of 3.x, and
     * drops the QoS 2 messages beyond it though it answers PUBREC, so that the client must be told.
     */
    @ParameterizedTest
    @CsvSource({"1, MQTT_3_1_1, 0", "1, MQTT_5, 0", "2, MQTT_5, 10", "10, MQTT_3_1, 0", "1000, MQTT_5, 10"})
    void fewInFlightAreEnough(int maximum, ProtocolVersion version, int receiveMaximum) throws Exception {
        try (Mosquitto broker = Mosquitto.options()
                .line("max_inflight_messages " + maximum)
                .line("max_queued_messages 100000")
                .start()) {
            ClientBuilder<MqttClient> options = subscriber(broker.url(), version);
            if (receiveMaximum > 0) {
                options.receiveMaximum(receiveMaximum);
            }
            // What this client has in flight bounds what Mosquitto sends it beyond its receive maximum, too.
            options.sendWindow(Math.min(maximum, 20));
            MqttClient client = clients.connect(options);
            List<CompletableFuture<PublishResult>> all = new ArrayList<>();
            for (int i = 0; i < COUNT; i++) {
                all.add(client.publishAsync(numbered(i)));
            }
            for (CompletableFuture<PublishResult> each : all) {
                each.get(60, TimeUnit.SECONDS);
            }
            assertSmallOnesArrived(client);
            clients.close();
        }
    }
}
