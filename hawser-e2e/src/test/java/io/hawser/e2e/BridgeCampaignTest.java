package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hawser.cli.CuttingProxy;
import io.hawser.client.MqttClient;
import io.hawser.client.MqttPublisher;
import io.hawser.client.MqttSubscriber;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReconnectPolicy;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicName;
import io.hawser.store.SessionStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * {@code hawser bridge} between two Mosquittos is killed, its connections are cut, brokers restart or stand still, while messages
 * flow: nothing is lost, and at QoS 2 nothing comes twice.
 *
 * <p>{@code -Dhawser.bridge.kills=100} for more kills than the usual 4, {@code -Dhawser.seed} for the plan of a run that failed.
 */
@Tag("slow")
class BridgeCampaignTest {
    private static final int KILLS = Integer.getInteger("hawser.bridge.kills", 4);
    private static final Duration LONG_ENOUGH = Duration.ofMinutes(2);
    /** Published and not yet acknowledged by the first broker. */
    private static final int MOST_UNDER_WAY = 200;

    private final long seed = Long.getLong("hawser.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final Mosquitto source = broker(400);
    private final Mosquitto destination = broker(65_535);
    private final CuttingProxy toSource = CuttingProxy.to("127.0.0.1", source.port());
    private final CuttingProxy toDestination = CuttingProxy.to("127.0.0.1", destination.port());
    private final ConcurrentLinkedQueue<Message> arrived = new ConcurrentLinkedQueue<>();
    private final Set<Long> confirmed = new TreeSet<>();
    private final List<HawserProcess> processes = new ArrayList<>();
    private final AtomicLong numbers = new AtomicLong();
    private volatile boolean publishing = true;

    @TempDir
    Path directory;

    private MqttPublisher publisher;
    private MqttSubscriber subscriber;

    /** The source has fewer messages in flight than the bridge's receive maximum, which Mosquitto 2.0 would exceed. */
    private static Mosquitto broker(int inflight) {
        return Mosquitto.options()
                .persistent()
                .line("max_inflight_messages " + inflight)
                .line("max_queued_messages 1000000")
                .line("set_tcp_nodelay true")
                .start();
    }

    @BeforeEach
    void connect() {
        ReconnectPolicy quickly = ReconnectPolicy.exponential(Duration.ofMillis(20), Duration.ofMillis(200));
        publisher = MqttPublisher.builder(source.url())
                .clientId("meter")
                .session(SessionStore.inMemory(), Duration.ofHours(1))
                .reconnect(quickly)
                .build();
        subscriber = MqttClient.builder(destination.url())
                .clientId("recorder")
                .session(SessionStore.inMemory(), Duration.ofHours(1))
                .reconnect(quickly)
                .subscription(
                        Subscription.to("there/#").qos(Qos.EXACTLY_ONCE), delivery -> arrived.add(delivery.message()))
                .build();
        publisher.connect();
        subscriber.connect();
    }

    @AfterEach
    void end() {
        publishing = false;
        publisher.close();
        subscriber.close();
        processes.forEach(HawserProcess::close);
        toSource.close();
        toDestination.close();
        source.close();
        destination.close();
    }

    private HawserProcess bridge(ProtocolVersion version) {
        HawserProcess bridge = HawserProcess.hawser(
                "bridge",
                toSource.url(),
                toDestination.url(),
                "-t",
                "kill/# out 2 \"\" there/",
                "-i",
                "bridge",
                "--store",
                directory.toString(),
                "-V",
                version == ProtocolVersion.MQTT_5 ? "5" : "311");
        processes.add(bridge);
        return bridge;
    }

    @ParameterizedTest
    @CsvSource({"MQTT_5", "MQTT_3_1_1"})
    void nothingIsLostAndAtQos2NothingComesTwice(ProtocolVersion version) throws InterruptedException {
        HawserProcess bridge = bridge(version);
        bridge.awaitError("The bridge is ready.");
        Thread flow = new Thread(this::publish, "meter");
        flow.start();
        int kills = 0;
        while (kills < KILLS) {
            bridge.mustRunFor(Duration.ofMillis(random.nextInt(900)));
            switch (random.nextInt(7)) {
                case 0 -> toSource.cutAfter(random.nextInt(5_000));
                case 1 -> toDestination.cutAfter(random.nextInt(5_000));
                case 2 -> source.restart();
                case 3 -> {
                    destination.pause();
                    bridge.mustRunFor(Duration.ofMillis(random.nextInt(300)));
                    destination.resume();
                }
                default -> {
                    bridge.kill();
                    bridge = bridge(version);
                    kills++;
                }
            }
        }
        publishing = false;
        flow.join();
        publisher.flush();
        assertArrived(version);
        assertThat(bridge.terminate()).isZero();
    }

    private void publish() {
        Semaphore room = new Semaphore(MOST_UNDER_WAY);
        while (publishing) {
            room.acquireUninterruptibly();
            long number = numbers.getAndIncrement();
            CompletableFuture<?> unused = publisher
                    .publishAsync(Numbered.message(number))
                    .whenComplete((result, failure) -> {
                        room.release();
                        if (failure == null) {
                            synchronized (confirmed) {
                                confirmed.add(number);
                            }
                        }
                    });
            if (number % 20 == 0) {
                LockSupport.parkNanos(20_000_000);
            }
        }
    }

    private void assertArrived(ProtocolVersion version) {
        try {
            await().atMost(LONG_ENOUGH).until(() -> missing().isEmpty());
            List<Long> twice = new ArrayList<>();
            Set<Long> seen = new TreeSet<>();
            for (Message message : arrived) {
                long number = numberOf(message);
                assertThat(number).as(message.topic()).isNotNegative();
                if (!seen.add(number) && Numbered.qos(number) == Qos.EXACTLY_ONCE) {
                    twice.add(number);
                }
            }
            assertThat(twice)
                    .as(() ->
                            twice.size() + " came twice at QoS 2, the first of them:\n" + whatBrokersSay(twice.get(0)))
                    .isEmpty();
            System.out.printf(
                    "bridge, MQTT %s, seed %d: %d confirmed, %d arrived, %d kills%n",
                    version, seed, confirmed.size(), arrived.size(), KILLS);
        } catch (Throwable e) {
            throw new AssertionError(
                    "seed " + seed + ", missing " + missing().size() + ", bridge: "
                            + processes.get(processes.size() - 1),
                    e);
        }
    }

    /** How a message came to the bridge and from there, for whoever has to find out what went wrong. */
    private String whatBrokersSay(long number) {
        String topic = Numbered.topic(number) + "'";
        return Stream.of(source, destination)
                .flatMap(broker -> broker.log().lines())
                .filter(line -> line.contains(topic))
                .collect(Collectors.joining("\n"));
    }

    private static long numberOf(Message message) {
        return Numbered.numberOf(message.topic(TopicName.of(message.topic().substring("there/".length()))));
    }

    private Set<Long> missing() {
        Set<Long> missing;
        synchronized (confirmed) {
            missing = new TreeSet<>(confirmed);
        }
        arrived.forEach(message -> missing.remove(
                Long.parseLong(message.topic().substring(message.topic().lastIndexOf('/') + 1))));
        return missing;
    }
}
