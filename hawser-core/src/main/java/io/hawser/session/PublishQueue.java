package io.hawser.session;

import io.hawser.mqtt.QueuePolicy;
import io.hawser.store.SessionContents.StoredPublish;
import io.hawser.store.SessionLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Accepted messages that wait to be sent, in order, within the bounds of a {@link QueuePolicy}.
 *
 * <p>If the log gives back what waits, memory holds only the front of the queue. Behind it are requests whose future somebody
 * holds, without their messages, and all others are nowhere but in the log. Pages of it are read before the front runs out.
 */
final class PublishQueue {
    /** The front: some milliseconds of a fast connection, and little memory for each of many clients. */
    private static final int CACHE_MESSAGES = 8192;

    private static final long CACHE_BYTES = 4L * 1024 * 1024;

    /** So small a part of the queue is for messages that the broker will probably refuse. */
    private static final int ASIDE_SHARE = 4;

    private final QueuePolicy policy;
    private final SessionLog log;
    /** Messages that are set aside take room in the queue from which they came. */
    private final Suspects suspects;

    private final Chain front = new Chain();
    private final Chain behind = new Chain();
    /** Everything that waits and has no higher sequence than this is in front. */
    private long frontEnd;
    /** Behind the front and nowhere but in the log. */
    private int storedCount;

    private long storedBytes;
    /** Of those behind, the ones whose messages only the log has. */
    private int unloaded;

    private boolean reading;
    /** The sequence of the message that was accepted last. */
    private long lastAdded;
    /** The same when the page was asked for that is on its way. */
    private long readUpTo;
    /** Messages that only the log has and that were accepted since then, and their bytes. */
    private int storedSince;

    private long storedBytesSince;

    /** Requests linked by {@link Request#next}, by rising sequence. */
    private static final class Chain {
        @Nullable
        PublishRequest head;

        @Nullable
        PublishRequest tail;

        int count;
        long bytes;

        void add(PublishRequest request) {
            if (tail == null) {
                head = request;
            } else {
                tail.next(request);
            }
            tail = request;
            count++;
            bytes += request.size();
        }

        void insert(PublishRequest request) {
            PublishRequest before = null;
            PublishRequest after = head;
            while (after != null && after.sequence < request.sequence) {
                before = after;
                after = after.nextInQueue();
            }
            request.next(after);
            if (before == null) {
                head = request;
            } else {
                before.next(request);
            }
            if (after == null) {
                tail = request;
            }
            count++;
            bytes += request.size();
        }

        void removeFirst() {
            removeAfter(null);
        }

        /** Takes out the one behind {@code before}, which must be there; null stands for the head. */
        void removeAfter(@Nullable PublishRequest before) {
            PublishRequest removed = Objects.requireNonNull(before == null ? head : before.nextInQueue(), "next");
            if (before == null) {
                head = removed.nextInQueue();
            } else {
                before.next(removed.next());
            }
            if (tail == removed) {
                tail = before;
            }
            removed.next(null);
            count--;
            bytes -= removed.size();
        }

        List<PublishRequest> removeIf(Predicate<PublishRequest> doomed) {
            List<PublishRequest> removed = new ArrayList<>();
            PublishRequest before = null;
            for (PublishRequest at = head; at != null; ) {
                PublishRequest after = at.nextInQueue();
                if (doomed.test(at)) {
                    removed.add(at);
                    removeAfter(before);
                } else {
                    before = at;
                }
                at = after;
            }
            return removed;
        }

        int logged() {
            int logged = 0;
            for (PublishRequest at = head; at != null; at = at.nextInQueue()) {
                logged += at.logged ? 1 : 0;
            }
            return logged;
        }

        long loggedBytes() {
            long logged = 0;
            for (PublishRequest at = head; at != null; at = at.nextInQueue()) {
                logged += at.logged ? at.loggedSize() : 0;
            }
            return logged;
        }
    }

    PublishQueue(QueuePolicy policy, SessionLog log, Suspects suspects) {
        this.suspects = suspects;
        this.policy = policy;
        this.log = log;
    }

    int count() {
        return front.count + behind.count + storedCount;
    }

    long bytes() {
        return front.bytes + behind.bytes + storedBytes;
    }

    boolean dropsOldest() {
        return policy.dropsOldest();
    }

    /** Whether one more message fits. A message larger than the whole bound fits an empty queue, else it never could. */
    boolean hasRoomFor(PublishRequest request) {
        int count = count() + suspects.aside().size();
        return count == 0
                || count < policy.messages() && bytes() + suspects.bytesAside() + request.size() <= policy.bytes();
    }

    /** Why a message is not taken for which there is no room. */
    String full() {
        int aside = suspects.aside().size();
        return "the queue is full: " + count() + " messages and " + bytes() + " bytes wait, "
                + (aside == 0 ? "" : "and " + aside + " requests are set aside, ") + policy;
    }

    /** Whether more may be set aside that the broker will probably refuse, without taking room from all others. */
    boolean hasRoomAside() {
        return suspects.aside().size() < Math.max(1, policy.messages() / ASIDE_SHARE)
                && suspects.bytesAside() < policy.bytes() / ASIDE_SHARE;
    }

    /** The first, or null: nothing waits, or what waits is still being read. */
    @Nullable
    PublishRequest peek() {
        return front.head;
    }

    /** What is in memory with its message, in order. */
    Stream<PublishRequest> front() {
        return Stream.iterate(front.head, Objects::nonNull, PublishRequest::nextInQueue);
    }

    private boolean hasMoreBehind() {
        return storedCount > 0 || behind.count > 0;
    }

    private boolean isFull() {
        return front.count >= CACHE_MESSAGES || front.bytes >= CACHE_BYTES;
    }

    void add(PublishRequest request) {
        lastAdded = request.sequence;
        boolean inLog = request.logged && log.readsBack();
        if (!hasMoreBehind() && !(inLog && isFull())) {
            front.add(request);
            frontEnd = request.sequence;
        } else if (inLog && !request.awaited()) {
            storedCount++;
            storedBytes += request.loggedSize();
            storedSince++;
            storedBytesSince += request.loggedSize();
        } else {
            behind.add(request);
            if (inLog) {
                request.unload();
                unloaded++;
            }
        }
    }

    /**
     * Puts a message back to its place in the order of acceptance, which is near the front: it was accepted long ago, so no
     * bound applies.
     */
    void putBack(PublishRequest request) {
        if (request.sequence <= frontEnd || !hasMoreBehind()) {
            front.insert(request);
            frontEnd = Math.max(frontEnd, request.sequence);
        } else {
            // Others that were accepted before it are still to be read.
            behind.insert(request);
        }
    }

    /** Takes out the first, which must be there. */
    void removeFirst() {
        front.removeFirst();
    }

    /** Takes out of the front what is {@code doomed}; it is still there while that is asked. */
    void removeIf(Predicate<PublishRequest> doomed) {
        front.removeIf(doomed);
    }

    /** What is read next, or null: enough is in front, or nothing is behind, or a page is on its way. */
    @Nullable
    CompletableFuture<List<StoredPublish>> nextPage() {
        if (reading || !hasMoreBehind() || front.count > CACHE_MESSAGES / 2 || front.bytes > CACHE_BYTES / 2) {
            return null;
        }
        if (storedCount == 0 && unloaded == 0) {
            bringForward(Long.MAX_VALUE);
            return null;
        }
        reading = true;
        readUpTo = lastAdded;
        storedSince = 0;
        storedBytesSince = 0;
        return log.read(frontEnd, CACHE_MESSAGES / 2, CACHE_BYTES / 2);
    }

    /** The page could not be read now. */
    void notRead() {
        reading = false;
    }

    /**
     * The page has come.
     *
     * @return requests that the log should have had, and has not
     */
    List<PublishRequest> read(List<StoredPublish> page, long now) {
        reading = false;
        List<PublishRequest> lost = new ArrayList<>();
        for (StoredPublish stored : page) {
            if (stored.sequence() <= frontEnd) {
                continue;
            }
            lost.addAll(bringForward(stored.sequence() - 1));
            PublishRequest held = behind.head;
            if (held != null && held.sequence == stored.sequence()) {
                behind.removeFirst();
                if (!held.isLoaded()) {
                    held.load(stored.message());
                    unloaded--;
                }
                front.add(held);
            } else {
                PublishRequest request = new PublishRequest(stored);
                request.acceptedAtNanos = now - stored.ageNanos();
                storedCount--;
                storedBytes -= request.loggedSize();
                front.add(request);
            }
            frontEnd = stored.sequence();
        }
        if (page.isEmpty()) {
            // A message that was accepted while the page was on its way is no more missing than it is there.
            lost.addAll(bringForward(readUpTo));
            storedCount = storedSince;
            storedBytes = storedBytesSince;
        }
        return lost;
    }

    /** Moves what is behind, up to a sequence, to the front; what is not there any more is returned instead. */
    private List<PublishRequest> bringForward(long upTo) {
        List<PublishRequest> lost = List.of();
        while (behind.head != null && behind.head.sequence <= upTo) {
            PublishRequest request = behind.head;
            behind.removeFirst();
            if (request.isLoaded()) {
                front.add(request);
                frontEnd = request.sequence;
            } else {
                unloaded--;
                lost = lost.isEmpty() ? new ArrayList<>() : lost;
                lost.add(request);
            }
        }
        return lost;
    }

    /** Takes out what the log has given up: every logged message above this sequence. */
    List<PublishRequest> rollback(long lastSafe) {
        List<PublishRequest> removed = new ArrayList<>(front.removeIf(r -> r.logged && r.sequence > lastSafe));
        removed.addAll(behind.removeIf(r -> r.logged && r.sequence > lastSafe));
        removed.stream().filter(r -> !r.isLoaded()).forEach(r -> unloaded--);
        recount();
        return removed;
    }

    /** Asks the log how much of what waits is nowhere else. */
    void recount() {
        if (log.readsBack()) {
            storedCount = log.waiting() - front.logged() - behind.logged();
            storedBytes = log.waitingBytes() - front.loggedBytes() - behind.loggedBytes();
        }
    }

    /** The lowest sequence that may still wait, or {@link Long#MAX_VALUE}. */
    long oldestSequence() {
        if (front.head != null) {
            return front.head.sequence;
        }
        if (storedCount > 0) {
            return frontEnd + 1;
        }
        return behind.head == null ? Long.MAX_VALUE : behind.head.sequence;
    }

    /** Takes out everything that is held here; what only the log has stays there. */
    List<PublishRequest> removeAll() {
        List<PublishRequest> removed = new ArrayList<>(front.removeIf(r -> true));
        removed.addAll(behind.removeIf(r -> true));
        unloaded = 0;
        return removed;
    }
}
