package io.hawser.session;

import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.session.Timers.Timer;
import io.hawser.text.Utf8;
import io.hawser.wire.Properties;
import io.hawser.wire.SubAck;
import io.hawser.wire.UnsubAck;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Requests to subscribe and unsubscribe on their way to the broker: the list of those that wait, and the SUBSCRIBE and UNSUBSCRIBE
 * packets that the broker has not answered. A request leaves the list only by its answer: when the connection goes, it goes back
 * there, so a SUBSCRIBE without SUBACK is always sent again.
 */
final class SubscriptionFlow {
    /** Filters in one packet, in bytes: few enough for brokers with small packet limits. */
    private static final int BATCH_LENGTH = 8192;

    private static final Deque<SubscriptionRequest> NOTHING = new ArrayDeque<>(0);

    private final Subscriptions subscriptions;
    private final Effects effects;
    private final PacketIds<Object> ids;
    private final Suspects suspects;
    private final @Nullable Retransmitter retransmitter;
    private final HoldPolicy unhandled;
    private final Timers timers;

    /** The shared empty one, which is never added to, until there is something. */
    private Deque<SubscriptionRequest> waiting = NOTHING;

    private Set<SubscriptionBatch> sent = Collections.emptySet();
    private long readyAt;
    private long unsettledSince = Timers.NEVER;
    /** Filters in one packet at most; less since a broker has ended connections on more. */
    private int batch;

    private boolean connected;
    private Capabilities capabilities;

    SubscriptionFlow(
            SessionConfig config,
            Subscriptions subscriptions,
            Effects effects,
            PacketIds<Object> ids,
            Timers timers,
            @Nullable Retransmitter retransmitter,
            Suspects suspects) {
        this.subscriptions = subscriptions;
        this.effects = effects;
        this.ids = ids;
        this.suspects = suspects;
        this.retransmitter = retransmitter;
        this.unhandled = config.unhandled;
        this.timers = timers;
        this.batch = config.broker.filtersPerPacket();
        this.capabilities = Capabilities.unlimited(config.versions.get(0), config);
    }

    private Deque<SubscriptionRequest> waiting() {
        if (waiting == NOTHING) {
            waiting = new ArrayDeque<>();
        }
        return waiting;
    }

    private void unsubscribe(TopicFilter filter) {
        waiting().add(new SubscriptionRequest(filter));
    }

    /** A subscription that is wanted from the start. */
    void declare(SubscriptionRequest request) {
        subscriptions.bind(request);
        waiting().add(request);
    }

    /** Takes the requests of one call, which share packets as far as limits allow. */
    void request(List<SubscriptionRequest> call, long now) {
        if (settled()) {
            unsettledSince = now;
        }
        for (SubscriptionRequest request : call) {
            request.askedAtNanos = now;
            supersede(request);
            subscriptions.bind(request);
            subscriptions.claim(request.filter());
            waiting().add(request);
        }
        pump(now);
    }

    void ready(long now) {
        readyAt = now;
        if (mayDropUnclaimed()) {
            timers.set(Timer.HELD, now + unhandled.graceNanos());
        }
    }

    private boolean mayDropUnclaimed() {
        return subscriptions.hasUnclaimed() && !unhandled.isForever();
    }

    /** Unsubscribes from what an earlier program was subscribed to and this one has not asked for in time. */
    void dropUnclaimed(long now, boolean ready) {
        if (!ready || !mayDropUnclaimed()) {
            return;
        }
        if (now < readyAt + unhandled.graceNanos()) {
            timers.set(Timer.HELD, Math.min(timers.deadline(Timer.HELD), readyAt + unhandled.graceNanos()));
            return;
        }
        for (TopicFilter filter : subscriptions.takeUnclaimed()) {
            effects.event(new ConnectionEvent.SubscriptionUnclaimed(filter));
            unsubscribe(filter);
        }
        pump(now);
    }

    /** The broker has forgotten the session on demand, and with it what an earlier program was subscribed to. */
    void dropForgotten() {
        for (TopicFilter filter : subscriptions.takeUnclaimed()) {
            effects.event(new ConnectionEvent.SubscriptionUnclaimed(filter));
            subscriptions.forget(filter);
        }
    }

    /** @param sessionKnown whether the broker said that it still has the session, and so its subscriptions */
    void connected(Capabilities capabilities, boolean sessionKnown, long now) {
        connected = true;
        this.capabilities = capabilities;
        subscriptions.connected(capabilities).forEach(this::unsubscribe);
        List<SubscriptionRequest> all = sessionKnown ? List.of() : subscriptions.wanted();
        if (!all.isEmpty()) {
            Set<TopicFilter> asked =
                    waiting.stream().map(SubscriptionRequest::filter).collect(Collectors.toSet());
            asideRequests().forEach(request -> asked.add(request.filter()));
            for (int i = all.size() - 1; i >= 0; i--) {
                if (!asked.contains(all.get(i).filter())) {
                    waiting().addFirst(all.get(i).again());
                }
            }
        }
        groupWaiting();
        pump(now);
    }

    /** Brings together what may share a packet, as long as that changes nothing between requests for the same filter. */
    private void groupWaiting() {
        if (waiting.size() > 1
                && capabilities.version() == ProtocolVersion.MQTT_5
                && waiting.stream().allMatch(SubscriptionRequest::subscribes)
                && waiting.stream().map(SubscriptionRequest::filter).distinct().count() == waiting.size()) {
            List<SubscriptionRequest> grouped = new ArrayList<>(waiting);
            grouped.sort(Comparator.comparingInt(capabilities::identifierOf));
            waiting.clear();
            waiting.addAll(grouped);
        }
    }

    void disconnected() {
        connected = false;
        List<SubscriptionBatch> batches = new ArrayList<>(sent);
        for (int i = batches.size() - 1; i >= 0; i--) {
            takeBack(batches.get(i));
        }
        if (!suspects.aside().isEmpty()) {
            // The trial of a suspect is over with its connection.
            waiting.removeIf(suspects::isAside);
        }
    }

    /** The request that has been waiting longest for its answer, or null; those that were declared count from the first connection. */
    @Nullable
    SubscriptionRequest oldest() {
        SubscriptionRequest oldest = Stream.of(
                        sent.stream().flatMap(batch -> batch.requests.stream()),
                        waiting.stream(),
                        asideRequests().stream())
                .flatMap(requests -> requests)
                .min(Comparator.comparingLong(request -> request.askedAtNanos))
                .orElse(null);
        if (oldest != null) {
            unsettledSince = oldest.askedAtNanos;
        }
        return oldest;
    }

    /** Since when there has been something unanswered at any time, or {@link Timers#NEVER}; for any thread. */
    long unsettledSince() {
        return settled() ? Timers.NEVER : unsettledSince;
    }

    /** Whether no packet waits for its answer. */
    boolean nothingSent() {
        return sent.isEmpty();
    }

    /** Whether the broker has answered everything. */
    boolean settled() {
        return waiting.isEmpty() && sent.isEmpty();
    }

    void pump(long now) {
        while (connected && !waiting.isEmpty() && !ids.exhausted() && suspects.allows()) {
            List<SubscriptionRequest> requests = nextBatch();
            if (!requests.isEmpty()) {
                send(requests, now);
            }
        }
    }

    private void send(List<SubscriptionRequest> requests, long now) {
        SubscriptionBatch packet = new SubscriptionBatch(ids.next(), requests);
        ids.put(packet.packetId, packet);
        if (sent.isEmpty()) {
            sent = new LinkedHashSet<>();
        }
        sent.add(packet);
        packet.sentBehind = suspects.sent();
        transmit(packet, false, now);
    }

    /** Takes the requests of a packet, and the sequence of the message that was sent before it. */
    @FunctionalInterface
    interface PacketTaker {
        void take(long before, List<Object> requests);
    }

    /** Hands over the requests of each packet that is on the wire. */
    void unanswered(PacketTaker taker) {
        sent.forEach(packet -> taker.take(packet.sentBehind, List.copyOf(packet.requests)));
    }

    /** From now on no packet has more filters. */
    void batchAtMost(int filters) {
        batch = Math.min(batch, filters);
    }

    private List<SubscriptionRequest> asideRequests() {
        List<SubscriptionRequest> found = new ArrayList<>(0);
        for (Suspect suspect : suspects.aside()) {
            if (suspect.request instanceof SubscriptionRequest request) {
                found.add(request);
            }
        }
        return found;
    }

    /** A request is set aside. A filter that the program has given up is not subscribed to again even so. */
    void setAside(SubscriptionRequest request) {
        waiting.remove(request);
        if (!request.subscribes() && !subscribedAfter(request)) {
            subscriptions.ended(request.filter());
        }
    }

    void sendAlone(SubscriptionRequest request, long now) {
        send(List.of(request), now);
    }

    /** Fails a request that is set aside. */
    void giveUp(SubscriptionRequest request, RequestRejectedException cause) {
        waiting.remove(request);
        suspects.gone(request);
        if (request.subscribes()) {
            refused(request, cause);
        } else {
            effects.fail(request, cause);
        }
    }

    /** What is set aside for the filter of a newer request ends: it must not be sent behind that. */
    private void supersede(SubscriptionRequest newer) {
        for (SubscriptionRequest older : asideRequests()) {
            if (!suspects.isTried(older) && older.filter().equals(newer.filter())) {
                suspects.gone(older);
                effects.fail(older, Refusals.superseded(older));
            }
        }
    }

    /** The next requests that fit into one packet; those that the connection cannot carry are refused on the way. */
    private List<SubscriptionRequest> nextBatch() {
        List<SubscriptionRequest> requests = new ArrayList<>();
        int length = 0;
        while (!waiting.isEmpty() && requests.size() < batch && length < BATCH_LENGTH) {
            SubscriptionRequest next = waiting.element();
            int bytes = Capabilities.bytesOf(next);
            if (!requests.isEmpty()
                    && (!SubscriptionBatch.mayShare(requests.get(0), next, capabilities)
                            || !capabilities.fits(requests.get(0), length + bytes))) {
                break;
            }
            waiting.remove();
            RequestRejectedException objection = capabilities.objectionTo(next);
            if (objection == null) {
                requests.add(next);
                length += bytes;
            } else if (next.subscribes()) {
                refused(next, objection);
            } else {
                effects.fail(next, objection);
            }
        }
        return requests;
    }

    private void transmit(SubscriptionBatch batch, boolean again, long now) {
        if (retransmitter != null) {
            batch.retransmitAtNanos = retransmitter.retryAt(batch.times++, now);
        }
        batch.transmit(effects.transmit(), capabilities, again, now);
    }

    /** Sends again what was not answered in time. */
    void retransmit(long now) {
        for (SubscriptionBatch batch : sent) {
            if (batch.retransmitAtNanos <= now) {
                transmit(batch, true, now);
            } else if (retransmitter != null) {
                retransmitter.nearest(batch.retransmitAtNanos);
            }
        }
    }

    void subAck(SubAck packet) {
        SubscriptionBatch batch = waitingFor("SUBACK", packet.packetId(), true);
        if (batch != null) {
            batch.requireCodes("SUBACK", packet.reasonCodes(), "[MQTT-3.8.4-5]");
            answered(batch, packet.reasonCodes(), packet.properties());
        }
    }

    /** Before MQTT 5.0 there are no codes, and all is well. */
    void unsubAck(UnsubAck packet) {
        SubscriptionBatch batch = waitingFor("UNSUBACK", packet.packetId(), false);
        if (batch != null) {
            if (!packet.reasonCodes().isEmpty()) {
                batch.requireCodes("UNSUBACK", packet.reasonCodes(), "[MQTT-3.11.3-1]");
            }
            answered(batch, packet.reasonCodes(), packet.properties());
        }
    }

    /** The broker has answered each request of a packet, all with success if there are no codes. */
    private void answered(SubscriptionBatch batch, List<ReasonCode> codes, Properties answer) {
        takeBack(batch);
        if (!suspects.isQuiet()) {
            batch.requests.forEach(suspects::answered);
        }
        for (int i = 0; i < batch.requests.size(); i++) {
            // What an effect throws leaves the request where close() finds it.
            answered(waiting.element(), codes.isEmpty() ? ReasonCode.SUCCESS : codes.get(i), answer);
            waiting.remove();
        }
    }

    private void answered(SubscriptionRequest request, ReasonCode code, Properties answer) {
        Subscription subscription = request.subscription();
        if (subscription == null) {
            if (code.isError()) {
                effects.fail(request, rejected("UNSUBSCRIBE from", request, code, answer));
                return;
            }
            if (!subscribedAfter(request)) {
                subscriptions.ended(request.filter());
            }
            effects.complete(request, code, answer);
        } else if (code.isError()) {
            refused(request, rejected("SUBSCRIBE to", request, code, answer));
        } else {
            subscriptions.granted(subscription);
            effects.complete(request, code, answer);
        }
    }

    private static RequestRejectedException rejected(
            String what, SubscriptionRequest request, ReasonCode code, Properties answer) {
        return new RequestRejectedException(
                what + " '" + Utf8.printable(request.filter().toString()) + "'",
                request.filter(),
                code,
                answer.reasonString(),
                answer.userProperties());
    }

    private void refused(SubscriptionRequest request, RequestRejectedException cause) {
        Subscription subscription = Objects.requireNonNull(request.subscription());
        if (!subscribedAfter(request)) {
            subscriptions.forget(request.filter());
        }
        effects.fail(request, cause);
        effects.event(new ConnectionEvent.SubscriptionRefused(subscription, cause));
    }

    /** Whether there is another request to subscribe to the same filter that is not answered. */
    private boolean subscribedAfter(SubscriptionRequest request) {
        return Stream.of(
                        sent.stream().flatMap(packet -> packet.requests.stream()),
                        waiting.stream(),
                        asideRequests().stream())
                .flatMap(requests -> requests)
                .anyMatch(other ->
                        other != request && other.subscribes() && other.filter().equals(request.filter()));
    }

    /** A packet counts as unsent: its requests are the first that wait, and those that were answered leave from there. */
    private void takeBack(SubscriptionBatch batch) {
        ids.remove(batch.packetId);
        if (sent.remove(batch)) {
            suspects.left();
        }
        for (int i = batch.requests.size() - 1; i >= 0; i--) {
            waiting().addFirst(batch.requests.get(i));
        }
    }

    /** The packet that an answer is for; null for one that nobody waits for, as brokers send after a restart. */
    private @Nullable SubscriptionBatch waitingFor(String packet, int packetId, boolean subscribes) {
        Object user = ids.get(packetId);
        if (user instanceof SubscriptionBatch batch && batch.subscribes() == subscribes) {
            return batch;
        }
        if (user != null) {
            throw new ProtocolException(
                    ReasonCode.PROTOCOL_ERROR,
                    packet + " for identifier " + packetId + ", which is in use for another kind of request");
        }
        effects.tolerated(packet + " for identifier " + packetId + ", which waits for none");
        return null;
    }

    /** The client ends: nobody waits any more. */
    void close(MqttException cause) {
        asideRequests().stream()
                .filter(request -> !waiting.contains(request))
                .forEach(request -> effects.fail(request, cause));
        for (SubscriptionRequest request : waiting) {
            effects.fail(request, cause);
        }
        waiting.clear();
    }
}
