package io.hawser.cli;

import io.hawser.client.Delivery;
import io.hawser.client.MqttSubscriber;
import io.hawser.mqtt.ConnectionState;
import io.hawser.store.SessionStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The demonstration with a session on disk: the publisher is a process of its own, which is killed and started again. */
final class StoredDemo {
    private static final int SENSORS = SensorDay.SENSORS.size();
    private static final int READINGS = SensorDay.MINUTES * SENSORS;
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    /** Of this JVM's options, those that make a short run of another one quick and quiet. */
    private static final List<String> INHERITED = List.of("-XX:", "-Xshare", "-Xlog", "--sun-misc");

    private final DemoNetwork network;
    private final Screen screen;
    private final Tally tally;
    private final String run =
            String.format(Locale.ROOT, "%06x", ThreadLocalRandom.current().nextInt(1 << 24));
    private final String prefix = "hawser-demo/" + run + "/";
    private final Path store;
    private volatile @Nullable Process publisher;
    private Thread reader = new Thread();
    /** Readings that the publisher has confirmed, or found in its store. */
    private volatile int accepted;

    private int kills;

    StoredDemo(DemoNetwork network, Screen screen, Tally tally) throws IOException {
        this.network = network;
        this.screen = screen;
        this.tally = tally;
        this.store = Files.createTempDirectory("hawser-demo");
    }

    /** Returns how often the publisher was killed. */
    int run() throws IOException, InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(this::endPublisher, "signal"));
        MqttSubscriber subscriber = subscriber();
        try {
            subscriber.connect();
            // From here on the broker keeps for the subscriber what it owes it.
            await(() -> subscriber.state() == ConnectionState.READY);
            beKilled();
            awaitEnd();
            await(tally::complete);
            // A duplicate would come about now.
            TimeUnit.MILLISECONDS.sleep(10 * Demo.STEP_MILLIS);
        } finally {
            endPublisher();
            Demo.close(subscriber);
        }
        network.forget(clientId(true), clientId(false));
        if (tally.promiseKept()) {
            deleteStore();
        } else {
            screen.say("The publisher's store is kept: " + store);
        }
        return kills;
    }

    private MqttSubscriber subscriber() {
        var builder = MqttSubscriber.builder(network.server(false))
                .clientId(clientId(false))
                .sendWindow(Demo.INFLIGHT)
                .session(SessionStore.inMemory(), Duration.ofHours(1))
                .subscription(prefix + "#", this::count);
        network.applyTo(builder, false);
        return builder.build();
    }

    private String clientId(boolean publishes) {
        return "hawser-demo-" + (publishes ? "pub" : "sub") + run;
    }

    private void beKilled() throws IOException, InterruptedException {
        CuttingProxy proxy = network.proxy(true);
        if (proxy != null) {
            proxy.refuse();
        }
        start(proxy == null ? "" : ", without a network");
        awaitPercent(12);
        kill();
        if (proxy != null) {
            proxy.admit();
        }
        start("");
        // In the middle of what has waited so far.
        await(() -> tally.deliveredInAll() > READINGS / 20);
        kill();
        start("");
        awaitPercent(40);
        if (proxy != null) {
            say("connection cut, and none to be had for a while");
            proxy.refuse();
            proxy.cutAfter(0);
        }
        awaitPercent(55);
        kill();
        start("");
        awaitPercent(60);
        if (proxy != null) {
            proxy.admit();
        }
        awaitPercent(75);
        if (proxy != null) {
            say("connection cut in the middle of a packet");
            // 1,111 is in the middle of some packet or other.
            proxy.cutAfter(1_111);
        }
        awaitPercent(90);
        kill();
        start("");
    }

    private void start(String circumstances) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> INHERITED.stream().anyMatch(option::startsWith))
                .forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), DemoPublisher.class.getName()));
        command.addAll(
                new DemoPublisher.Task(network.server(true), network.version(), clientId(true), store, prefix, accepted)
                        .arguments());
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        publisher = process;
        say("process " + process.pid() + " started" + circumstances);
        OutputStream in = process.getOutputStream();
        in.write((network.user() + "\n" + network.password() + "\n" + network.proxyFor(true) + "\n")
                .getBytes(StandardCharsets.UTF_8));
        in.flush();
        reader = new Thread(() -> listen(process), "publisher");
        reader.setDaemon(true);
        reader.start();
    }

    private void listen(Process process) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                hear(line);
            }
        } catch (IOException e) {
            // killed in the middle of a line
        }
    }

    private void hear(String line) {
        if (line.startsWith(DemoPublisher.ACCEPTED)) {
            accepted(Integer.parseInt(line.substring(DemoPublisher.ACCEPTED.length())));
        } else if (line.startsWith(DemoPublisher.FOUND)) {
            int found = Integer.parseInt(line.substring(DemoPublisher.FOUND.length()));
            say("finds " + found + " messages in its store, of " + accepted + " that it had confirmed");
            accepted(found);
        } else if (line.startsWith(DemoPublisher.SAYS)) {
            say(line.substring(DemoPublisher.SAYS.length()));
        }
    }

    private synchronized void accepted(int upTo) {
        for (int index = accepted; index < upTo; index++) {
            tally.published(index % SENSORS, index / SENSORS);
        }
        accepted = Math.max(accepted, upTo);
    }

    private void count(Delivery delivery) {
        int sensor = SensorDay.SENSORS.indexOf(delivery.topic().substring(prefix.length()));
        int minute = SensorDay.minuteOf(delivery.text());
        if (sensor >= 0 && minute >= 0) {
            tally.delivered(sensor, minute);
        }
    }

    private void kill() throws InterruptedException {
        Process process = publisher;
        if (process == null || !process.isAlive()) {
            throw new IllegalStateException("the publisher has ended before it was killed");
        }
        process.destroyForcibly().waitFor();
        // What it has confirmed with its last breath counts.
        reader.join();
        kills++;
        say(String.format(
                Locale.ROOT,
                "process %d killed with SIGKILL: %d messages accepted, %d delivered",
                process.pid(),
                accepted,
                tally.deliveredInAll()));
    }

    private void awaitPercent(int percent) throws InterruptedException {
        int goal = READINGS * percent / 100;
        await(() -> accepted >= goal);
        if (accepted < goal) {
            throw new IllegalStateException(
                    "the publisher has accepted " + accepted + " messages instead of " + goal + " in " + PATIENCE);
        }
    }

    private void awaitEnd() throws InterruptedException {
        Process process = publisher;
        await(() -> process == null || !process.isAlive());
        reader.join(PATIENCE.toMillis());
        if (accepted < READINGS) {
            throw new IllegalStateException(
                    "the publisher has accepted " + accepted + " messages instead of " + READINGS);
        }
    }

    private void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            tally.sample(screen.seconds());
            screen.status(String.format(
                    Locale.ROOT,
                    "%6.2f s  accepted %d of %d, delivered %d",
                    screen.seconds(),
                    accepted,
                    READINGS,
                    tally.deliveredInAll()));
            TimeUnit.MILLISECONDS.sleep(Demo.STEP_MILLIS);
        }
    }

    private void say(String what) {
        screen.say(String.format(Locale.ROOT, "%6.2f s  publisher   %s", screen.seconds(), what));
    }

    private void endPublisher() {
        Process process = publisher;
        if (process != null) {
            process.destroyForcibly();
        }
    }

    private void deleteStore() throws IOException {
        try (Stream<Path> files = Files.walk(store)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
