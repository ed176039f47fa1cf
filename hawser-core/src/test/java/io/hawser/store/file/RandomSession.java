package io.hawser.store.file;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.store.SessionContents.StoredPublish;
import io.hawser.store.SessionLog;
import io.hawser.store.SessionStore.Durability;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * A session that does at random what sessions do, and remembers for each message, identifier and subscription every state that
 * was logged and what of it was confirmed. From that it follows what a later opening may find.
 */
final class RandomSession {
    static final String CLIENT_ID = "random";
    private static final String NONE = "none";
    private static final String MESSAGE = "message ";

    /** @param promised whether the state, once confirmed, must not be lost */
    private record Step(int index, int time, String state, boolean promised) {}

    private record Confirmation(int time, int index) {}

    private final Random random;
    private final MemoryFileSystem disk;
    private final SessionLog log;
    private final Syncs syncs;
    private final Map<String, List<Step>> steps = new TreeMap<>();
    private final List<Confirmation> confirmations = new ArrayList<>();
    private final TreeMap<Long, Publish> waiting = new TreeMap<>();
    private final TreeMap<Integer, Publish> inFlight = new TreeMap<>();
    private final Map<Long, Publish> concluded = new HashMap<>();
    private final TreeSet<Integer> received = new TreeSet<>();
    private final Set<String> subscribed = new TreeSet<>();
    /** Whether segments go as quickly as they come, or pile up. */
    private final boolean drains;

    private long lastSequence;
    private int lastId;
    private int index;
    private final int openedAt;

    /** Goes on with what the disk has, which must be what the last session may have left. */
    RandomSession(
            Random random, MemoryFileSystem disk, Durability durability, @Nullable Map<String, Set<String>> allowed) {
        this.random = random;
        this.drains = random.nextBoolean();
        this.disk = disk;
        this.log = store(disk, durability).open(CLIENT_ID);
        this.syncs = new Syncs(log, () -> {});
        Found found = Found.in(log, random);
        take(found);
        if (allowed != null) {
            found.check(allowed);
        }
        found.states.forEach((item, state) -> step(item, state, true));
        confirm();
        openedAt = disk.time();
    }

    /** The time at which it was open. */
    int openedAt() {
        return openedAt;
    }

    static FileSessionStore store(MemoryFileSystem disk, Durability durability) {
        return new FileSessionStore(
                Path.of("store"),
                new JournalOptions(durability, FileSessionStore.LEAST_SEGMENT_BYTES, 1000, disk, () -> 0, true));
    }

    /** What a log holds. */
    record Found(
            List<Publish> publishes,
            List<Integer> received,
            List<Subscription> subscriptions,
            Map<String, String> states) {
        static Found in(SessionLog log, Random random) {
            List<Publish> publishes = new ArrayList<>();
            List<Integer> received = new ArrayList<>();
            List<Subscription> subscriptions = new ArrayList<>();
            log.replay(
                    stored -> {
                        publishes.add(new Publish(stored));
                        return stored;
                    },
                    received::add,
                    subscriptions::add);
            readAll(log, random).forEach(stored -> publishes.add(new Publish(stored)));
            Map<String, String> states = new TreeMap<>();
            publishes.forEach(publish -> states.put(MESSAGE + publish.sequence(), state(publish)));
            received.forEach(id -> states.put("received " + id, "yes"));
            subscriptions.forEach(subscription -> states.put(
                    "subscription " + subscription.filter(), subscription.qos().toString()));
            return new Found(publishes, received, subscriptions, states);
        }

        void check(Map<String, Set<String>> allowed) {
            allowed.forEach((item, may) -> {
                String state = states.getOrDefault(item, NONE);
                if (!may.contains(state)) {
                    throw new AssertionError(item + " is " + state + ", may be " + may);
                }
            });
            checkNothingElse(allowed);
        }

        /** That nothing is there that never was. */
        void checkNothingElse(Map<String, Set<String>> allowed) {
            states.forEach((item, state) -> {
                if (!allowed.containsKey(item)) {
                    throw new AssertionError(item + " is " + state + ", but was never there");
                }
            });
        }
    }

    private void take(Found found) {
        for (Publish publish : found.publishes) {
            if (publish.packetId > 0) {
                inFlight.put(publish.packetId, publish);
            } else if (publish.result != null) {
                concluded.put(publish.sequence(), publish);
            } else {
                waiting.put(publish.sequence(), publish);
            }
        }
        received.addAll(found.received);
        found.subscriptions.forEach(
                subscription -> subscribed.add(subscription.filter().toString()));
        lastSequence = log.lastSequence();
        checkCounts("after the opening");
        if (log.damage() != null) {
            throw new AssertionError("reported as damaged", log.damage());
        }
    }

    private static List<StoredPublish> readAll(SessionLog log, Random random) {
        List<StoredPublish> all = new ArrayList<>();
        while (true) {
            long after = all.isEmpty() ? 0 : all.get(all.size() - 1).sequence();
            List<StoredPublish> page = log.read(after, 1 + random.nextInt(9), 1 + random.nextInt(5_000))
                    .join();
            if (page.isEmpty()) {
                return all;
            }
            all.addAll(page);
        }
    }

    private static String state(Publish publish) {
        String what = publish.message() + " " + publish.message().text().hashCode() + " " + publish.key() + " ";
        if (publish.result != null) {
            return what + publish.result;
        }
        return what + (publish.packetId == 0 ? "waits" : publish.packetId + (publish.released ? " released" : ""));
    }

    /** What may be found of each item when only this many operations have happened. */
    Map<String, Set<String>> allowedAfter(int time) {
        int confirmed = confirmations.stream()
                .filter(it -> it.time <= time)
                .mapToInt(Confirmation::index)
                .max()
                .orElse(0);
        Map<String, Set<String>> allowed = new TreeMap<>();
        steps.forEach((item, all) -> {
            Set<String> states = new TreeSet<>();
            states.add(NONE);
            for (Step step : all) {
                if (step.promised && step.index <= confirmed) {
                    states.clear();
                }
                if (step.time <= time) {
                    states.add(step.state);
                }
            }
            allowed.put(item, states);
        });
        return allowed;
    }

    private void step(String item, String state, boolean promised) {
        steps.computeIfAbsent(item, key -> new ArrayList<>()).add(new Step(++index, disk.time(), state, promised));
    }

    private void step(Publish publish, boolean promised) {
        step(MESSAGE + publish.sequence(), state(publish), promised);
    }

    private void confirm() {
        confirmations.add(new Confirmation(disk.time(), index));
    }

    void run(int actions) {
        for (int i = 0; i < actions; i++) {
            act();
        }
    }

    private void act() {
        if (log.failure() != null && random.nextInt(4) == 0) {
            rollback();
        }
        switch (random.nextInt(13)) {
            case 0 -> accept();
            case 1, 2 -> {
                if (drains) {
                    send();
                    settleInFlight();
                } else {
                    accept();
                }
            }
            case 3, 4 -> send();
            case 5 -> release();
            case 6, 7 -> settleInFlight();
            case 8 -> settleOther();
            case 9 -> received();
            case 10 -> subscription();
            case 11 -> readBack();
            default -> sync();
        }
    }

    private void accept() {
        lastSequence += random.nextInt(4) == 0 ? 1 + random.nextInt(1000) : 1;
        int size = random.nextInt(30) == 0 ? 9_000 : random.nextInt(400);
        Message message = Message.of("t/" + random.nextInt(5), "x".repeat(size) + lastSequence)
                .qos(Qos.of(random.nextInt(8) == 0 ? 0 : 1 + random.nextInt(2)));
        Publish publish = new Publish(lastSequence, message, random.nextInt(5) == 0 ? "key " + lastSequence : null);
        waiting.put(lastSequence, publish);
        log.accepted(publish);
        step(publish, true);
    }

    private void send() {
        Publish publish = waiting.isEmpty() ? null : waiting.firstEntry().getValue();
        if (publish == null || publish.message().qos() == Qos.AT_MOST_ONCE) {
            return;
        }
        do {
            lastId = lastId % 20 + 1;
        } while (inFlight.size() < 20 && inFlight.containsKey(lastId));
        if (inFlight.containsKey(lastId)) {
            return;
        }
        waiting.remove(publish.sequence());
        publish.packetId = lastId;
        inFlight.put(lastId, publish);
        log.sent(publish);
        step(publish, isExactlyOnce(publish));
    }

    private static boolean isExactlyOnce(Publish publish) {
        return publish.message().qos() == Qos.EXACTLY_ONCE;
    }

    private void release() {
        Publish publish = anyInFlight();
        if (publish != null && random.nextInt(5) == 0) {
            inFlight.remove(publish.packetId);
            publish.packetId = 0;
            publish.released = false;
            waiting.put(publish.sequence(), publish);
            log.unsent(publish);
            step(publish, isExactlyOnce(publish));
        } else if (publish != null) {
            // Often several in a row, as PUBREC comes.
            inFlight.tailMap(publish.packetId).values().stream()
                    .limit(1 + random.nextInt(4))
                    .filter(next -> isExactlyOnce(next) && !next.released)
                    .forEach(next -> {
                        next.released = true;
                        log.released(next);
                        step(next, true);
                    });
        }
    }

    private @Nullable Publish anyInFlight() {
        Map.Entry<Integer, Publish> entry = inFlight.ceilingEntry(1 + random.nextInt(20));
        return entry == null ? null : entry.getValue();
    }

    private void settleInFlight() {
        Publish publish = anyInFlight();
        if (publish == null) {
            return;
        }
        inFlight.remove(publish.packetId);
        if (publish.key() == null) {
            log.settled(publish);
            step(MESSAGE + publish.sequence(), NONE, false);
        } else {
            publish.packetId = 0;
            publish.result = new PublishResult(ReasonCode.SUCCESS, "r" + random.nextInt(), List.of(), true);
            concluded.put(publish.sequence(), publish);
            log.concluded(publish);
            step(publish, true);
        }
    }

    private void settleOther() {
        if (!concluded.isEmpty() && random.nextBoolean()) {
            Publish publish = concluded.values().iterator().next();
            concluded.remove(publish.sequence());
            log.settled(publish);
            step(MESSAGE + publish.sequence(), NONE, false);
        } else if (!waiting.isEmpty()) {
            Publish publish = random.nextInt(4) == 0
                    ? waiting.lastEntry().getValue()
                    : waiting.firstEntry().getValue();
            waiting.remove(publish.sequence());
            log.settled(publish);
            step(MESSAGE + publish.sequence(), NONE, true);
        }
    }

    private void received() {
        int id = 1 + random.nextInt(5);
        if (received.add(id)) {
            log.received(id);
            step("received " + id, "yes", true);
        } else {
            received.remove(id);
            log.forgotten(id);
            step("received " + id, NONE, true);
        }
    }

    private void subscription() {
        Subscription subscription = Subscription.to("s/" + random.nextInt(4)).qos(Qos.of(random.nextInt(3)));
        String filter = subscription.filter().toString();
        if (subscribed.contains(filter) && random.nextBoolean()) {
            subscribed.remove(filter);
            log.unsubscribed(TopicFilter.of(filter));
            step("subscription " + filter, NONE, true);
        } else {
            subscribed.add(filter);
            log.subscribed(subscription);
            step("subscription " + filter, subscription.qos().toString(), true);
        }
    }

    /** What was not accepted safely is given up, as if it had never been; also what has been settled since. */
    private void rollback() {
        long safe = log.rollback();
        waiting.tailMap(safe, false).clear();
        inFlight.values().removeIf(it -> it.sequence() > safe);
        concluded.values().removeIf(it -> it.sequence() > safe);
        for (String item : List.copyOf(steps.keySet())) {
            if (item.startsWith(MESSAGE) && Long.parseLong(item.substring(MESSAGE.length())) > safe) {
                giveUp(item);
            }
        }
        checkCounts("after a rollback");
    }

    private void checkCounts(String when) {
        long bytes = waiting.values().stream()
                .map(StoredPublish::message)
                .mapToLong(it -> it.topicName().sizeInBytes() + it.payloadSize())
                .sum();
        if (log.waiting() != waiting.size() || log.waitingBytes() != bytes) {
            throw new AssertionError(when + " " + log.waiting() + " with " + log.waitingBytes()
                    + " bytes wait, instead of " + waiting.size() + " with " + bytes);
        }
    }

    /** If the disk did not even take back what was written of it, it may come back in any of its states. */
    private void giveUp(String item) {
        steps.getOrDefault(item, new ArrayList<>())
                .replaceAll(step -> new Step(step.index, step.time, step.state, false));
        step(item, NONE, false);
    }

    private void readBack() {
        List<Long> read;
        try {
            read = readAll(log, random).stream().map(StoredPublish::sequence).toList();
        } catch (CompletionException e) {
            if (log.failure() == null) {
                throw e;
            }
            return;
        }
        if (!read.equals(List.copyOf(waiting.keySet()))) {
            throw new AssertionError("read " + read + " instead of " + waiting.keySet());
        }
    }

    private void sync() {
        int logged = index;
        Runnable safe = () -> confirmations.add(new Confirmation(disk.time(), logged));
        if (syncs.sync(safe)) {
            safe.run();
        }
    }

    /** Settles all that there is. */
    void settleAll() {
        for (Publish publish : List.copyOf(waiting.values())) {
            settle(publish, true);
        }
        inFlight.values().forEach(publish -> settle(publish, false));
        concluded.values().forEach(publish -> settle(publish, false));
        waiting.clear();
        inFlight.clear();
        concluded.clear();
        sync();
    }

    /** A message that is accepted, and settled at once. */
    void passThrough() {
        Publish publish =
                new Publish(++lastSequence, Message.of("t", "x".repeat(200)).qos(Qos.AT_LEAST_ONCE), null);
        log.accepted(publish);
        step(publish, true);
        settle(publish, true);
        sync();
    }

    private void settle(Publish publish, boolean promised) {
        log.settled(publish);
        step(MESSAGE + publish.sequence(), NONE, promised);
    }

    /** Makes everything safe. */
    void confirmAll() {
        log.received(9_999);
        step("received 9999", "yes", true);
        sync();
    }

    void close() {
        log.close();
    }
}
