package io.hawser.session;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.MessageDroppedException;
import io.hawser.mqtt.MessageDroppedException.Rule;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.StoreException;
import io.hawser.store.SessionContents.StoredPublish;
import io.hawser.store.SessionLog;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Messages on their way to the broker: the queue, the acknowledgement window before it, and what must be sent again.
 *
 * <p>An identifier is given when a message is sent, never before, and kept until its final acknowledgement [MQTT-2.3.1-3].
 *
 * <p>A log that fails throws, and the client ends. Every message is then where {@link #close} finds it, so that it settles
 * all the same: it goes to its next place before that is logged, and leaves the last one after it is settled.
 */
final class OutboundFlow {
    /** How long a page of the queue is left alone that could not be read. */
    private static final long READ_AGAIN_NANOS = 1_000_000_000L;

    private final SessionConfig config;
    private final SessionLog log;
    private final Effects effects;
    private final Timers timers;
    private final PublishQueue queue;
    private final Window window;
    private final Acknowledgements acknowledgements;
    private final Completion completion;
    private final Expiry expiry;
    private final QuotaBackoff quota;
    private final Pace pace;
    private final Suspects suspects;
    private final LastOnce lastOnce = new LastOnce();
    /** Concluded for an earlier client, which nobody has heard of. */
    private List<PublishRequest> unheard = Collections.emptyList();

    /** Up to this sequence, an earlier client accepted it. */
    private long restoredUpTo;

    private long lastSequence;
    private boolean connected;
    private Capabilities capabilities;
    private long sentOnce;
    /** How many of those had been sent when the connection was accepted. */
    private long sentOnceBefore;

    OutboundFlow(
            SessionConfig config,
            SessionLog log,
            Effects effects,
            PacketIds<Object> ids,
            Timers timers,
            @Nullable Retransmitter retransmitter,
            Suspects suspects) {
        this.suspects = suspects;
        this.config = config;
        this.log = log;
        this.effects = effects;
        this.timers = timers;
        capabilities = Capabilities.unlimited(ProtocolVersion.MQTT_3_1_1, config);
        queue = new PublishQueue(config.queue, log, suspects);
        completion = new Completion(log, effects);
        expiry = new Expiry(config.queue.timeToLive(), timers);
        quota = new QuotaBackoff(timers, config.quotaPatienceNanos);
        pace = new Pace(config.broker, timers, effects);
        window = new Window(config, log, effects, ids, timers, retransmitter, queue, completion, quota, pace, suspects);
        acknowledgements = new Acknowledgements(window, ids, retransmitter, completion, quota, log, effects);
    }

    /** A publish that an earlier client of the session left, in order. */
    void restore(PublishRequest request) {
        lastSequence = Math.max(lastSequence, request.sequence);
        if (request.isConcluded()) {
            if (unheard.isEmpty()) {
                unheard = new ArrayList<>();
            }
            unheard.add(request);
        } else if (request.packetId == 0) {
            queue.add(request);
        } else {
            window.restore(request);
        }
    }

    /** Everything that the log hands over at once has been restored. */
    void restored() {
        lastSequence = Math.max(lastSequence, log.lastSequence());
        restoredUpTo = lastSequence;
        queue.recount();
    }

    /** Time begins to count for what an earlier client of the session left, from how long it had waited already. */
    void started(long now) {
        if (queue.count() > 0 || restoredUpTo > 0) {
            Stream.concat(window.inFlight().stream(), queue.front())
                    .filter(request -> request.sequence <= restoredUpTo)
                    .forEach(request -> request.acceptedAtNanos += now);
            queue.front().forEach(expiry::watch);
            window.inFlight().stream().filter(suspects::isAside).forEach(expiry::watch);
        }
        unheard.forEach(effects::concluded);
        unheard = Collections.emptyList();
        refill();
    }

    /** The broker has accepted the connection. */
    void connected(Capabilities capabilities, String server, boolean sessionPresent, long roundTripNanos, long now) {
        this.capabilities = capabilities;
        quota.reset();
        sentOnceBefore = sentOnce;
        completion.connected();
        connected = true;
        window.connected(capabilities, server, sessionPresent, roundTripNanos, now);
        pump(now);
    }

    /** Whether something was sent on this connection that has no answer: for QoS 0 there never is one. */
    boolean isOutstanding() {
        return window.onWire() > 0 || hasSentOnce();
    }

    boolean hasSentOnce() {
        return sentOnce != sentOnceBefore;
    }

    void disconnected() {
        connected = false;
        window.disconnected();
    }

    void publish(PublishRequest request, long now) {
        boolean full = !queue.hasRoomFor(request) && !queue.dropsOldest();
        if (full || suspects.precedents().convict(request) && !queue.hasRoomAside()) {
            completion.forget(
                    request,
                    new MessageDroppedException(
                            Rule.QUEUE_FULL, full ? queue.full() : Refusals.precedented(request, suspects)));
            return;
        }
        StoreException trouble = request.durable() ? log.failure() : null;
        if (trouble != null) {
            completion.forget(request, trouble);
            return;
        }
        MqttException beyond = ProfileLimits.objectionTo(config.broker, request.message(), capabilities.version());
        if (beyond != null) {
            completion.forget(request, beyond);
            return;
        }
        request.sequence = ++lastSequence;
        request.acceptedAtNanos = now;
        expiry.watch(request);
        accept(request);
        effects.accepted(request);
        pump(now);
    }

    private void accept(PublishRequest request) {
        try {
            makeRoomFor(request);
            if (request.durable()) {
                log.accepted(request);
                request.logged = true;
            }
        } finally {
            queue.add(request);
        }
    }

    private void makeRoomFor(PublishRequest request) {
        for (PublishRequest oldest = queue.peek();
                oldest != null && !queue.hasRoomFor(request);
                oldest = queue.peek()) {
            completion.drop(oldest, Rule.OLDEST_DROPPED, "the queue was full, and this message, the oldest, made room");
            queue.removeFirst();
        }
    }

    /** Sends as much as window and network take: first what must be repeated, then the queue, both in order. */
    void pump(long now) {
        send(now);
        refill();
    }

    private void send(long now) {
        if (suspects.precedents().takeCleared()) {
            putBackUnsent();
        }
        if (!connected || !window.sendAgain(now)) {
            return;
        }
        while (suspects.allows() && effects.writable()) {
            PublishRequest first = queue.peek();
            if (first == null) {
                return;
            }
            if (first.ends >= StoredPublish.ASIDE && window.suspect(first)) {
                // An earlier client has set it aside.
                queue.removeFirst();
                expiry.watch(first);
                continue;
            }
            Qos qos = first.message().qos();
            boolean acknowledged = qos != Qos.AT_MOST_ONCE;
            if (acknowledged && suspects.precedents().cover(first) && queue.hasRoomAside()) {
                queue.removeFirst();
                setAsideUnsent(first, now);
                continue;
            }
            if (acknowledged && !window.takes(qos, now)) {
                return;
            }
            Message message = sendable(first, now);
            if (message == null) {
                queue.removeFirst();
            } else if (!pace.allows(message, capabilities.version(), queue.count(), now)) {
                return;
            } else if (acknowledged) {
                queue.removeFirst();
                window.send(first, message, now);
            } else {
                sentOnce++;
                lastOnce.sent(message, now);
                pace.sent(message, capabilities.version(), now);
                effects.transmit().publish(message, 0, false);
                completion.sent(first);
                queue.removeFirst();
            }
        }
    }

    /** A message waits beside the others, because it may be refused as those before it to its topic. */
    private void setAsideUnsent(PublishRequest request, long now) {
        suspects.setAsideUnsent(request, now);
        window.note(request, StoredPublish.ASIDE);
        expiry.watch(request);
    }

    /** The messages of {@link #setAsideUnsent} go the way of all others again, unless their topic is still suspected. */
    private void putBackUnsent() {
        for (Suspect suspect : List.copyOf(suspects.aside())) {
            if (suspect.ends() == 0
                    && suspect.request instanceof PublishRequest request
                    && request.packetId == 0
                    && !suspects.precedents().cover(request)) {
                suspects.gone(request);
                window.note(request, 0);
                queue.putBack(request);
            }
        }
    }

    /** Has the next page read of what waits in the log only. */
    private void refill() {
        CompletableFuture<List<StoredPublish>> page = queue.nextPage();
        if (page != null) {
            effects.expect(page);
        }
    }

    /** A page of the queue has been read. */
    void read(List<StoredPublish> page, long now) {
        for (PublishRequest lost : queue.read(page, now)) {
            completion.lose(lost, new StoreException("the store has lost a message that waited", null));
        }
        queue.front().forEach(expiry::watch);
        expire(now);
    }

    /** It could not be read; it is tried again. */
    void notRead(long now) {
        queue.notRead();
        timers.set(Timers.Timer.READ, now + READ_AGAIN_NANOS);
    }

    /** Drops what has waited for too long. */
    void expire(long now) {
        expiry.looked(now);
        queue.removeIf(request -> {
            boolean over = expiry.isOver(request, now);
            if (over) {
                completion.drop(request, Rule.EXPIRED, expiry.objection(request, now));
            }
            return over;
        });
        queue.front().forEach(expiry::watch);
        expireAside(now);
        pump(now);
    }

    /** Sends a message that was set aside, if it can be sent. */
    void sendAlone(PublishRequest request, long now) {
        if (request.packetId != 0) {
            window.sendAlone(request, now);
            return;
        }
        Message message = sendable(request, now);
        if (message == null) {
            window.forgetAside(request);
        } else {
            window.send(request, message, now);
        }
    }

    /** A message that is set aside is under way no more: it may be dropped, unless PUBREC has come. */
    private void expireAside(long now) {
        for (Suspect suspect : suspects.aside()) {
            if (suspect.request instanceof PublishRequest request && !request.released && !request.onWire) {
                if (expiry.isOver(request, now)) {
                    completion.drop(request, Rule.EXPIRED, expiry.objection(request, now));
                    window.forgetAside(request);
                } else {
                    expiry.watch(request);
                }
            }
        }
    }

    /** The log can make nothing safe: what is not safe yet is not accepted. */
    void rollback(StoreException cause) {
        long lastSafe = log.rollback();
        window.rollback(lastSafe).forEach(request -> completion.forget(request, cause));
        queue.rollback(lastSafe).forEach(request -> completion.forget(request, cause));
        effects.rolledBack(lastSafe, cause);
    }

    /** What is to be sent of a message now, or null if nothing is: it has expired, or the connection cannot carry it. */
    private @Nullable Message sendable(PublishRequest request, long now) {
        Message message = request.message();
        MqttException objection = capabilities.objectionTo(message);
        if (objection != null) {
            completion.refuse(request, objection);
            return null;
        }
        if (expiry.isOver(request, now)) {
            completion.drop(request, Rule.EXPIRED, expiry.objection(request, now));
            return null;
        }
        return capabilities.adapted(Expiry.countedDown(request, now));
    }

    /**
     * The client ends: nobody waits any more. What is logged stays logged.
     *
     * @param lost of messages that nobody will send
     * @param kept of those that a kept session holds for a later client
     * @return how many are lost
     */
    int close(MqttException lost, MqttException kept) {
        List<PublishRequest> open = new ArrayList<>(window.inOrder());
        for (Suspect suspect : suspects.aside()) {
            if (suspect.request instanceof PublishRequest request && request.packetId == 0) {
                open.add(request);
            }
        }
        open.addAll(queue.removeAll());
        int count = 0;
        for (PublishRequest request : open) {
            boolean stays = request.logged && !config.cleanSession;
            count += stays ? 0 : 1;
            effects.fail(request, stays ? kept : suspects.isAside(request) ? Refusals.closed(request, lost) : lost);
        }
        window.clear();
        return count;
    }

    /** The outcome of a message with a key has been heard. */
    void heard(PublishRequest request) {
        log.settled(request);
    }

    /** The sequence of the oldest message that is not settled, or {@link Long#MAX_VALUE}. */
    long oldestSequence() {
        return Math.min(window.oldestSequence(), queue.oldestSequence());
    }

    /** The message that has been waiting longest for its answer, or for being sent, of those in memory; or null. For any thread. */
    @Nullable
    PublishRequest oldest() {
        PublishRequest oldest = queue.peek();
        for (Suspect suspect : suspects.aside()) {
            if (suspect.request instanceof PublishRequest request
                    && (oldest == null || request.acceptedAtNanos < oldest.acceptedAtNanos)) {
                oldest = request;
            }
        }
        for (PublishRequest request : window.inFlight()) {
            if (oldest == null || request.acceptedAtNanos < oldest.acceptedAtNanos) {
                oldest = request;
            }
        }
        return oldest;
    }

    long lastSequence() {
        return lastSequence;
    }

    /** Sets other limits on publishes and their bytes in a second. */
    void pace(int publishesPerSecond, long bytesPerSecond, long now) {
        pace.limit(publishesPerSecond, bytesPerSecond);
        pump(now);
    }

    LastOnce lastOnce() {
        return lastOnce;
    }

    PublishQueue queue() {
        return queue;
    }

    Acknowledgements acknowledgements() {
        return acknowledgements;
    }

    Window window() {
        return window;
    }

    long sent() {
        return sentOnce + window.sent();
    }

    long acknowledged() {
        return completion.acknowledged();
    }

    long dropped() {
        return completion.dropped();
    }
}
