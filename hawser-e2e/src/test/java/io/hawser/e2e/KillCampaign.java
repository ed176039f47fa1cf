package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hawser.mqtt.ProtocolVersion;
import io.hawser.store.file.FileSessionStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * A publisher and a subscriber, each a process with a store of its own, and a Mosquitto between them: killed, started again
 * and watched. What they say and note is in a directory that stays if the campaign fails.
 */
final class KillCampaign implements AutoCloseable {
    private static final String HISTORY = "history";
    /** With a window of one, each message that a kill left behind costs its own way there and back, and the disk's time. */
    private static final Duration LONG_ENOUGH = Duration.ofMinutes(5);

    /**
     * @param receiveMaximum of the subscriber
     * @param keyed whether everything that is enqueued has a key
     */
    record Plan(
            long seed, ProtocolVersion version, int inflight, int receiveMaximum, boolean republish, boolean keyed) {}

    private final Plan plan;
    private final Random random;
    final Path directory;
    private final KillLedger ledger;
    final Mosquitto broker;
    private final List<HawserProcess> processes = new ArrayList<>();
    private HawserProcess publisher;
    private HawserProcess subscriber;
    /** How many the publisher confirms if nobody hinders it. */
    private int numbers;

    private int kills;
    private int deaths;
    private boolean passed;

    KillCampaign(Plan plan, Mosquitto.Options options) {
        this.plan = plan;
        this.random = new Random(plan.seed());
        try {
            directory = Files.createTempDirectory("kills");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ledger = new KillLedger(directory);
        // More than any backlog here comes to, so that nothing is sent in another order after a restart.
        broker = options.line("max_inflight_messages 65535")
                .line("max_queued_messages 1000000")
                .line("set_tcp_nodelay true")
                .start();
        subscriber = startSubscriber();
        subscriber.awaitLine("ready");
        publisher = startPublisher();
    }

    KillLedger ledger() {
        return ledger;
    }

    private HawserProcess startSubscriber() {
        return started(HawserProcess.start(
                KillSubscriber.class,
                directory.toString(),
                broker.url(),
                plan.version().name(),
                Integer.toString(plan.receiveMaximum())));
    }

    private HawserProcess startPublisher() {
        // Few, so that it is soon idle; or many, so that a backlog is still there after several deaths.
        int most = random.nextInt(3) == 0 ? 8000 : 1000;
        numbers = 1 + random.nextInt(most);
        return publisher(Integer.toString(numbers), Long.toString(random.nextLong()));
    }

    private HawserProcess publisher(String... task) {
        List<String> arguments = new ArrayList<>(List.of(
                directory.toString(),
                broker.url(),
                plan.version().name(),
                Integer.toString(plan.inflight()),
                Boolean.toString(plan.republish()),
                Boolean.toString(plan.keyed())));
        arguments.addAll(List.of(task));
        return started(HawserProcess.start(KillPublisher.class, arguments.toArray(String[]::new)));
    }

    private HawserProcess started(HawserProcess process) {
        processes.add(process);
        return process;
    }

    int kills() {
        return kills;
    }

    /** What happens next is decided by the seed; when exactly, also by everything else that the machine does. */
    void round() {
        if (publisher.has(KillPublisher.DRAINED)) {
            replacePublisher();
        }
        int next = random.nextInt(9);
        if (next < 4) {
            untilSomethingHappensTo(publisher);
            killPublisher();
        } else if (next < 8) {
            untilSomethingHappensToSubscriber();
            killSubscriber();
        } else {
            publisher.mustRunFor(millis(600));
            broker.restart();
        }
    }

    /** As {@link #round}, but it is the broker that dies, sometimes together with the publisher, or the publisher alone. */
    void roundAgainstTheBroker() {
        if (publisher.has(KillPublisher.DRAINED)) {
            replacePublisher();
        }
        untilSomethingHappensTo(publisher);
        if (random.nextInt(4) > 0) {
            int ready = subscriber.lines().size();
            if (random.nextBoolean()) {
                // Or the broker answers too soon for anything to be in doubt.
                broker.pause();
                publisher.mustRunFor(millis(100));
            }
            broker.kill();
            kills++;
            if (random.nextInt(3) == 0) {
                killPublisher();
            }
            broker.restart();
            subscriber.awaitLines(ready + 1);
        }
        if (random.nextInt(3) == 0) {
            killPublisher();
        }
    }

    private Duration millis(int most) {
        return Duration.ofNanos((long) (random.nextDouble() * most * 1_000_000));
    }

    private void untilSomethingHappensTo(HawserProcess process) {
        switch (random.nextInt(3)) {
            case 0 -> process.mustRunFor(millis(800));
            case 1 -> {
                process.awaitLines(1 + random.nextInt(numbers));
                process.mustRunFor(millis(50));
            }
            default -> {
                process.awaitLine(KillPublisher.ALL);
                process.mustRunFor(millis(100));
            }
        }
    }

    private void untilSomethingHappensToSubscriber() {
        if (random.nextInt(3) == 0) {
            subscriber.mustRunFor(millis(800));
            return;
        }
        long size = ledger.handledSize() + random.nextInt(5000);
        await("something more to be handled, by " + subscriber)
                .pollInterval(Duration.ofMillis(2))
                .atMost(LONG_ENOUGH)
                .until(() -> ledger.handledSize() > size || publisher.has(KillPublisher.DRAINED));
        subscriber.mustRunFor(millis(20));
    }

    private void killPublisher() {
        replacePublisher();
        kills++;
    }

    private void replacePublisher() {
        publisher.kill();
        ledger.publisherSaid(publisher.lines());
        keep(KillPublisher.STORE, publisher);
        publisher = startPublisher();
    }

    /** What a process said and what its store was like when it was dead, for whoever has to find out what went wrong. */
    private void keep(String store, HawserProcess dead) {
        Path history = directory.resolve(HISTORY).resolve(store + "-" + ++deaths);
        try (Stream<Path> files = Files.walk(directory.resolve(store))) {
            Files.createDirectories(history);
            Files.write(history.resolve("output"), dead.lines());
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, history.resolve(file.getFileName()));
            }
        } catch (NoSuchFileException e) {
            // killed before it had made a store
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void killSubscriber() {
        subscriber.kill();
        ledger.subscriberKilled(subscriber.lines());
        keep(KillSubscriber.STORE, subscriber);
        subscriber = startSubscriber();
        kills++;
    }

    /** Lets everything arrive, looks whether something comes again, and ends. */
    void finish() {
        publisher.kill();
        ledger.publisherSaid(publisher.lines());
        end("kill/end/1");
        killSubscriber();
        end("kill/end/2");
        subscriber.kill();
        ledger.publisherSaid(subscriber.lines());
        FileSessionStore publishing = FileSessionStore.at(directory.resolve(KillPublisher.STORE));
        FileSessionStore subscribing = FileSessionStore.at(directory.resolve(KillSubscriber.STORE));
        ledger.excuseRepeatedAfterPubRel(broker.log());
        assertThat(publishing.verify(KillPublisher.CLIENT_ID)).isEmpty();
        assertThat(subscribing.verify(KillSubscriber.CLIENT_ID)).isEmpty();
    }

    private void end(String topic) {
        HawserProcess last = publisher(topic);
        assertThat(last.awaitExit()).as("exit code of %s", last).isZero();
        ledger.publisherSaid(last.lines());
        await("the message that ends it all, at " + subscriber)
                .atMost(LONG_ENOUGH)
                .until(() -> ledger.hasHandled(topic));
    }

    void passed() {
        passed = true;
    }

    @Override
    public void close() {
        try {
            processes.forEach(HawserProcess::close);
            if (!passed) {
                Files.writeString(directory.resolve("mosquitto.log"), broker.log());
            }
            broker.close();
            if (passed) {
                delete();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void delete() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
