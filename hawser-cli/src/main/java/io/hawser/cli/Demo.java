package io.hawser.cli;

import io.hawser.client.Delivery;
import io.hawser.client.MqttBuilder;
import io.hawser.client.MqttEndpoint;
import io.hawser.client.MqttPublisher;
import io.hawser.client.MqttSubscriber;
import io.hawser.mqtt.ConnectResult;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReconnectPolicy;
import io.hawser.store.SessionStore;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The demonstration itself: a publisher and a subscriber with kept sessions, and trouble on the way between them. */
final class Demo {
    private static final int OFFLINE_MINUTES = 120;
    static final int STEP_MINUTES = 8;
    static final long STEP_MILLIS = 25;
    /** Mosquitto drops what a publisher of 3.1.1 sends beyond 20, and acknowledges it. */
    static final int INFLIGHT = 20;

    private static final Duration LAG = Duration.ofMillis(150);
    private static final Set<Integer> TROUBLES = Set.of(8, 18, 28, 48, 72, 84, 92);
    /** Messages under way when all is well. */
    private static final int ALMOST_NOTHING = 100;

    private static final Duration CALM_WITHIN = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Duration GOODBYE = Duration.ofSeconds(2);

    private final DemoNetwork network;
    private final Screen screen;
    private final Tally tally;
    private final SensorDay day = SensorDay.load();
    private final String run =
            String.format(Locale.ROOT, "%06x", ThreadLocalRandom.current().nextInt(1 << 24));
    private final AtomicInteger givenUp = new AtomicInteger();
    private final String prefix = "hawser-demo/" + run + "/";

    Demo(DemoNetwork network, Screen screen, Tally tally) {
        this.network = network;
        this.screen = screen;
        this.tally = tally;
    }

    void run() throws InterruptedException {
        MqttSubscriber subscriber = options(MqttSubscriber.builder(network.server(false)), false)
                .subscription(prefix + "#", this::count)
                .build();
        MqttPublisher publisher =
                options(MqttPublisher.builder(network.server(true)), true).build();
        subscriber.connect();
        // From here on the broker keeps for the subscriber what it owes it.
        await(publisher, () -> subscriber.state() == ConnectionState.READY, PATIENCE);
        publish(publisher, 0, OFFLINE_MINUTES);
        say("publisher", "not connected yet; " + tally.publishedInAll() + " messages wait in its queue");
        CompletableFuture<ConnectResult> unused = publisher.connectAsync();
        sendTheDay(publisher, subscriber);
        settle(publisher);
        close(publisher);
        close(subscriber);
        network.forget(clientId(true), clientId(false));
    }

    private <B extends MqttBuilder<?, B>> B options(B builder, boolean publishes) {
        network.applyTo(builder, publishes);
        return builder.clientId(clientId(publishes))
                .sendWindow(INFLIGHT)
                .session(SessionStore.inMemory(), Duration.ofHours(1))
                .reconnect(ReconnectPolicy.exponential(Duration.ofMillis(100), Duration.ofMillis(500))
                        .stableAfter(Duration.ofMillis(100)))
                .onEvent(narrator(publishes ? "publisher" : "subscriber"));
    }

    private String clientId(boolean publishes) {
        return "hawser-demo-" + (publishes ? "pub" : "sub") + run;
    }

    /** Tells when a connection is made and when it is lost; attempts in vain in between are not worth a line each. */
    private Consumer<ConnectionEvent> narrator(String who) {
        AtomicBoolean connected = new AtomicBoolean();
        return event -> {
            if (event instanceof ConnectionEvent.Connected now) {
                connected.set(true);
                say(who, "connected" + session(now.result()));
            } else if (event instanceof ConnectionEvent.Disconnected lost && lost.cause() != null) {
                if (connected.getAndSet(false)) {
                    say(who, "lost its connection");
                }
            }
        };
    }

    /** MQTT 3.1 cannot tell. */
    static String session(ConnectResult result) {
        if (result.version() == ProtocolVersion.MQTT_3_1) {
            return "";
        }
        return result.sessionPresent() ? ", session present" : ", new session";
    }

    private void say(String who, String what) {
        screen.say(String.format(Locale.ROOT, "%6.2f s  %-10s  %s", screen.seconds(), who, what));
    }

    private void count(Delivery delivery) {
        int sensor = SensorDay.SENSORS.indexOf(delivery.topic().substring(prefix.length()));
        int minute = SensorDay.minuteOf(delivery.text());
        if (sensor >= 0 && minute >= 0) {
            tally.delivered(sensor, minute);
        }
    }

    /** The number of a sensor is the QoS of its readings. */
    private void publish(MqttPublisher publisher, int from, int to) {
        for (int minute = from; minute < to; minute++) {
            for (int sensor = 0; sensor < SensorDay.SENSORS.size(); sensor++) {
                String topic = prefix + SensorDay.SENSORS.get(sensor);
                tally.published(sensor, minute);
                Message reading = Message.of(topic, day.payload(minute, sensor)).qos(Qos.of(sensor));
                CompletableFuture<PublishResult> unused =
                        publisher.publishAsync(reading).whenComplete(this::refused);
            }
        }
    }

    /** One such message tells as much as a thousand. */
    private void refused(@Nullable Object result, @Nullable Throwable cause) {
        if (cause != null && givenUp.getAndIncrement() == 0) {
            screen.say("Publishing failed: " + cause.getMessage());
        }
    }

    private void sendTheDay(MqttPublisher publisher, MqttSubscriber subscriber) throws InterruptedException {
        int steps = (day.minutes() - OFFLINE_MINUTES) / STEP_MINUTES;
        for (int step = 0; step < steps; step++) {
            int percent = step * 100 / steps;
            if (percent != (step - 1) * 100 / steps) {
                if (TROUBLES.contains(percent)) {
                    await(publisher, () -> calm(publisher, subscriber), CALM_WITHIN);
                }
                trouble(percent);
            }
            int from = OFFLINE_MINUTES + step * STEP_MINUTES;
            publish(publisher, from, step + 1 == steps ? day.minutes() : from + STEP_MINUTES);
            showStatus(publisher);
            TimeUnit.MILLISECONDS.sleep(STEP_MILLIS);
        }
        restore(true);
        restore(false);
    }

    /**
     * Whether the last trouble is over. Otherwise, on a slow machine, one would pile up on another, and with it what the
     * broker must keep: Mosquitto keeps 1,000 messages for a client, and drops the rest.
     */
    private boolean calm(MqttPublisher publisher, MqttSubscriber subscriber) {
        return publisher.state() == ConnectionState.READY
                && subscriber.state() == ConnectionState.READY
                && tally.lost(1) + tally.lost(2) <= ALMOST_NOTHING;
    }

    /** What goes wrong when so many hundredths of the day have been sent. */
    private void trouble(int percent) {
        switch (percent) {
            case 8, 92 -> cutInPacket(true);
            case 18, 84 -> cutInPacket(false);
            case 28 -> cutOff(true);
            case 42 -> restore(true);
            case 48 -> cutOff(false);
            case 62 -> restore(false);
            case 72 -> {
                cut(true);
                cut(false);
            }
            default -> {}
        }
    }

    /** 1,111 is in the middle of some packet or other. */
    private void cutInPacket(boolean publisher) {
        trouble(publisher, proxy -> cut(proxy, publisher, 1_111), "is cut in the middle of a packet");
    }

    private void cut(boolean publisher) {
        trouble(publisher, proxy -> cut(proxy, publisher, 0), "is cut");
    }

    private void cutOff(boolean publisher) {
        trouble(publisher, CuttingProxy::refuse, "is cut, and cannot connect for a while");
        trouble(publisher, proxy -> cut(proxy, publisher, 0), "");
    }

    /**
     * The embedded broker sends an unacknowledged QoS 2 message under a new packet identifier when its subscriber comes
     * back, against [MQTT-4.4.0-1], so that a lost acknowledgement makes a duplicate that no subscriber can tell from a
     * message. There, what the subscriber says arrives a little longer than what it hears.
     */
    private void cut(CuttingProxy proxy, boolean publisher, long bytes) {
        if (publisher || network.outlivesDemo()) {
            proxy.cutAfter(bytes);
        } else {
            proxy.fadeAfter(bytes, LAG);
        }
    }

    private void restore(boolean publisher) {
        trouble(publisher, CuttingProxy::admit, "");
    }

    private void trouble(boolean publisher, Consumer<CuttingProxy> action, String what) {
        CuttingProxy proxy = network.proxy(publisher);
        if (proxy == null) {
            return;
        }
        if (!what.isEmpty()) {
            say(publisher ? "publisher" : "subscriber", what);
        }
        action.accept(proxy);
    }

    private void showStatus(MqttPublisher publisher) {
        int goal = day.minutes() * SensorDay.SENSORS.size();
        int published = tally.publishedInAll();
        int filled = published * 24 / goal;
        tally.sample(screen.seconds());
        screen.status(String.format(
                Locale.ROOT,
                "%6.2f s  [%s%s]  published %d, delivered %d, waiting %d",
                screen.seconds(),
                "#".repeat(filled),
                ".".repeat(24 - filled),
                published,
                tally.deliveredInAll(),
                publisher.statistics().queued() + publisher.statistics().inFlight()));
    }

    /** Waits for the last acknowledgement and the last delivery; what has not come by then is lost. */
    private void settle(MqttPublisher publisher) throws InterruptedException {
        CompletableFuture<Void> drained = publisher.flushAsync();
        await(publisher, () -> drained.isDone() && tally.complete(), PATIENCE);
        // A duplicate would come about now.
        TimeUnit.MILLISECONDS.sleep(10 * STEP_MILLIS);
    }

    private void await(MqttPublisher publisher, BooleanSupplier condition, Duration patience)
            throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            showStatus(publisher);
            TimeUnit.MILLISECONDS.sleep(STEP_MILLIS);
        }
    }

    static void close(MqttEndpoint client) {
        client.closeAsync()
                .completeOnTimeout(null, GOODBYE.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }
}
