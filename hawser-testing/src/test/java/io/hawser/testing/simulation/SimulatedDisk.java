package io.hawser.testing.simulation;

import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.StoreException;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.store.SessionContents.StoredPublish;
import io.hawser.store.SessionLog;
import io.hawser.store.SessionStore;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;

/**
 * The store of one client that behaves as a disk: what is logged becomes safe later, in order, and what is not safe is lost
 * with the process, except for the first part of it, however long. It fails for a while now and then.
 *
 * <p>A model of what {@link SessionLog} promises, not the file store over a disk in memory: that one is out of reach of this
 * module, and is put through power cuts beside its code. This one does whatever the contract lets a store do, which is more than
 * any one store would: every entry may be the last, several syncs overlap, pages are short and late.
 */
final class SimulatedDisk implements SessionStore {
    private static final long LINGER_NANOS = 100 * Plan.MILLI;
    private static final long HEALTHY_NANOS = 30 * Plan.MILLI;
    private static final long NOTICE_NANOS = 5 * Plan.MILLI;

    private final World world;
    private final Object owner;
    private final Storage storage;
    private final SplittableRandom random;
    private final Deque<Entry> unsafe = new ArrayDeque<>();
    private SimulatedState safe = new SimulatedState();
    /** With everything that was logged. */
    private SimulatedState state = new SimulatedState();

    private long position;
    private long safePosition;
    /** Up to here, something depends on what was logged. */
    private long urgentPosition;

    private StoreException failure;
    private Log log;

    /** @param sequence of the message that it is about, or 0 */
    private record Entry(long position, long sequence, Consumer<SimulatedState> effect) {}

    private record Page(
            long position, long after, int messages, long bytes, CompletableFuture<List<StoredPublish>> result) {}

    /** @param owner who waits for it */
    SimulatedDisk(World world, Object owner, long seed) {
        this.world = world;
        this.owner = owner;
        this.storage = world.plan.storage();
        random = new SplittableRandom(seed);
    }

    @Override
    public SessionLog open(String clientId) {
        if (log != null) {
            throw new Violation("the session is open in another client");
        }
        log = new Log();
        return log;
    }

    /** What everything comes to that was logged. */
    SimulatedState state() {
        return state;
    }

    /** How much has been logged. */
    long position() {
        return position;
    }

    boolean isSafe(long upTo) {
        return upTo <= safePosition;
    }

    /** The process is gone. Returns up to where its entries are still there. */
    long crash() {
        for (int left = random.nextInt(unsafe.size() + 1); left > 0; left--) {
            makeSafe(unsafe.remove());
        }
        unsafe.clear();
        state = new SimulatedState(safe);
        failure = null;
        log = null;
        long survived = safePosition;
        safePosition = position;
        urgentPosition = 0;
        return survived;
    }

    /** The process closes the log in order. Returns up to where its entries are still there. */
    long close() {
        if (failure == null) {
            makeSafeUpTo(position);
        }
        return crash();
    }

    /** From now on nothing becomes safe for some time. */
    void fail(long nanos) {
        if (failure != null || log == null) {
            return;
        }
        failure = new StoreException("the disk is full", null);
        log.failed();
        Log failed = log;
        world.time.in(nanos, owner, () -> {
            if (log == failed) {
                failure = null;
                failed.recovered();
            }
        });
    }

    private void makeSafeUpTo(long upTo) {
        while (!unsafe.isEmpty() && unsafe.peek().position <= upTo) {
            makeSafe(unsafe.remove());
        }
        safePosition = Math.max(safePosition, upTo);
    }

    private void makeSafe(Entry entry) {
        entry.effect.accept(safe);
        safePosition = entry.position;
    }

    private long syncDelay() {
        return delay(
                world.isHealed() ? Math.min(HEALTHY_NANOS, storage.longestSyncNanos()) : storage.longestSyncNanos());
    }

    private long delay(long longest) {
        return 1 + random.nextLong(random.nextInt(10) == 0 ? 5 * longest : longest);
    }

    private final class Log implements SessionLog {
        private final List<Page> pages = new ArrayList<>();
        private Listener listener;
        /** Syncs of another round come to nothing. */
        private int round;

        private int syncs;
        private long synced = safePosition;

        @Override
        public void listen(Listener told) {
            listener = told;
        }

        @Override
        public void replay(
                UnaryOperator<StoredPublish> publishes, IntConsumer received, Consumer<Subscription> subscriptions) {
            for (SimulatedState.Stored stored : state.publishes.values()) {
                if (!storage.readsBack() || !stored.waits()) {
                    publishes.apply(stored);
                }
            }
            state.received.stream().forEach(received);
            List.copyOf(state.subscriptions.values()).forEach(subscriptions);
        }

        @Override
        public long lastSequence() {
            return state.lastSequence;
        }

        @Override
        public boolean readsBack() {
            return storage.readsBack();
        }

        @Override
        public int waiting() {
            return (int) state.waiting().count();
        }

        @Override
        public long waitingBytes() {
            return state.waiting().mapToLong(SimulatedState.Stored::size).sum();
        }

        private void add(long sequence, boolean urgent, Consumer<SimulatedState> effect) {
            if (log != this) {
                throw new Violation("something was logged after the log was closed");
            }
            effect.accept(state);
            unsafe.add(new Entry(++position, sequence, effect));
            if (urgent || storage.strict()) {
                urgentPosition = position;
            }
        }

        @Override
        public void accepted(StoredPublish publish) {
            SimulatedState.Stored stored = new SimulatedState.Stored(
                    publish.sequence(),
                    publish.message(),
                    publish.key(),
                    0,
                    false,
                    null,
                    null,
                    world.time.now(),
                    world.time);
            add(publish.sequence(), true, to -> to.accepted(stored));
        }

        /** Without it, the same message goes out as new, which QoS 1 allows. */
        @Override
        public void sent(StoredPublish publish) {
            moved(publish);
        }

        @Override
        public void unsent(StoredPublish publish) {
            moved(publish);
        }

        private void moved(StoredPublish publish) {
            long sequence = publish.sequence();
            int packetId = publish.packetId();
            add(sequence, publish.message().qos() == Qos.EXACTLY_ONCE, to -> to.sent(sequence, packetId));
        }

        @Override
        public void released(StoredPublish publish) {
            long sequence = publish.sequence();
            add(sequence, true, to -> to.released(sequence));
        }

        @Override
        public void concluded(StoredPublish publish) {
            long sequence = publish.sequence();
            PublishResult result = publish.result();
            MqttException outcome = publish.failure();
            add(sequence, true, to -> to.concluded(sequence, result, outcome));
        }

        /** Without it, what was in flight is repeated, and the broker knows QoS 2 when it sees it again. */
        @Override
        public void settled(StoredPublish publish) {
            long sequence = publish.sequence();
            SimulatedState.Stored stored = state.publishes.get(sequence);
            add(sequence, stored != null && stored.waits(), to -> to.settled(sequence));
        }

        @Override
        public void received(int packetId) {
            add(0, true, to -> to.received.set(packetId));
        }

        @Override
        public void forgotten(int packetId) {
            add(0, true, to -> to.received.clear(packetId));
        }

        @Override
        public void subscribed(Subscription subscription) {
            add(0, true, to -> to.subscriptions.put(subscription.filter(), subscription));
        }

        @Override
        public void unsubscribed(TopicFilter filter) {
            add(0, true, to -> to.subscriptions.remove(filter));
        }

        @Override
        public long sync() {
            if (urgentPosition > safePosition || isOverloaded()) {
                begin();
            } else if (!unsafe.isEmpty()) {
                in(delay(LINGER_NANOS), this::begin);
            }
            return urgentPosition;
        }

        @Override
        public long safePosition() {
            return safePosition;
        }

        /** Everything up to now goes to the disk, unless it is busy: then with the next. */
        private void begin() {
            if (failure != null || syncs == storage.syncs() || synced == position) {
                return;
            }
            syncs++;
            synced = position;
            long target = position;
            int begun = round;
            in(syncDelay(), () -> {
                if (begun == round) {
                    syncs--;
                    makeSafeUpTo(target);
                    tell();
                    begin();
                }
            });
        }

        private void tell() {
            in(delay(Plan.MILLI), () -> listener.safePositionRose());
            pages.removeIf(page -> {
                boolean due = isSafe(page.position);
                if (due) {
                    answer(page);
                }
                return due;
            });
        }

        /** It holds what is there now, and comes some time later. */
        private void answer(Page page) {
            if (random.nextInt(20) == 0 && !world.isHealed()) {
                deny(page);
                return;
            }
            List<StoredPublish> found = new ArrayList<>();
            long bytes = 0;
            for (SimulatedState.Stored stored :
                    safe.publishes.tailMap(page.after, false).values()) {
                if (found.size() == Math.min(page.messages, storage.pageMessages()) || bytes >= page.bytes) {
                    break;
                }
                if (stored.waits()) {
                    found.add(stored);
                    bytes += stored.size();
                }
            }
            in(syncDelay(), () -> page.result.complete(found));
        }

        private void deny(Page page) {
            in(
                    delay(NOTICE_NANOS),
                    () -> page.result.completeExceptionally(new StoreException("the disk does not read", null)));
        }

        @Override
        public CompletableFuture<List<StoredPublish>> read(long after, int messages, long bytes) {
            Page page = new Page(position, after, messages, bytes, new CompletableFuture<>());
            if (isSafe(position)) {
                answer(page);
            } else if (failure != null) {
                deny(page);
            } else {
                pages.add(page);
                begin();
            }
            return page.result;
        }

        @Override
        public boolean isOverloaded() {
            boolean overloaded = unsafe.size() > storage.behind();
            if (overloaded) {
                begin();
            }
            return overloaded;
        }

        private void failed() {
            round++;
            syncs = 0;
            synced = safePosition;
            pages.forEach(this::deny);
            pages.clear();
            in(delay(NOTICE_NANOS), () -> listener.healthChanged());
        }

        private void recovered() {
            in(delay(NOTICE_NANOS), () -> listener.healthChanged());
            begin();
            tell();
        }

        @Override
        public StoreException failure() {
            return failure;
        }

        @Override
        public long rollback() {
            if (failure == null) {
                throw new Violation("rolled back, and nothing is wrong");
            }
            unsafe.removeIf(entry -> entry.sequence > safe.lastSequence);
            state = new SimulatedState(safe);
            unsafe.forEach(entry -> entry.effect.accept(state));
            return safe.lastSequence;
        }

        /** Later, if the client is there then. */
        private void in(long nanos, Runnable deed) {
            world.time.in(nanos, owner, () -> {
                if (log == this) {
                    deed.run();
                }
            });
        }

        /** The client tells the disk itself, which knows what is left. */
        @Override
        public void close() {
            throw new Violation("the machine closed its log");
        }
    }
}
