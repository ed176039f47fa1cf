package io.hawser.session;

import io.hawser.mqtt.ReasonCode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Judges which request of ours a broker answers by ending the connection. A request is a {@link PublishRequest} or a {@link
 * SubscriptionRequest}.
 *
 * <p>The evidence: the peer ends the connection while requests are unanswered. The second end in a row with the same first
 * request makes the client careful: on the next connection the requests go out one at a time, after the connection has
 * answered a PINGREQ. Whatever is alone on the wire then when the peer ends the connection is set aside. Later it is tried
 * again, alone, and {@value #LONELY_ENDS} ends of such trials convict it.
 *
 * <p>The control: an end without any request on the wire, or one of which every unanswered request is answered later, has no
 * cause among the requests. Such an end takes back what was counted before.
 */
final class Suspects {
    /** Ends in a row with the same first unanswered request, after which requests go out one at a time. */
    static final int CAREFUL_AFTER = 2;
    /** Ends of lonely trials after which a request fails: one may be chance, two in a row a broker that restarts. */
    static final int LONELY_ENDS = 3;
    /** Requests sent one at a time before the client stops being careful: with a large window, all would take too long. */
    private static final int CAREFUL_REQUESTS = 64;
    /** From being set aside to the first trial, and how long a connection must have lived for it; it grows threefold. */
    private static final long FIRST_DISTANCE_NANOS = 1_000_000_000L;

    private static final long LONGEST_DISTANCE_NANOS = 300_000_000_000L;
    /** How long a connection must have lived before a later trial. */
    private static final long LONGEST_STRETCH_NANOS = 3_000_000_000L;

    /** What the end of a connection says of the request that was on the wire. */
    enum Evidence {
        /** Nothing: this side ended the connection, or the network, or a reason that concerns no request. */
        NONE,
        /** The peer ended the connection. */
        PEER,
        /** The peer ended the connection with a reason that concerns a packet. */
        BLAMED;

        /** What DISCONNECT with this reason says. */
        static Evidence of(ReasonCode reasonCode) {
            if (reasonCode.isOneOf(
                    ReasonCode.MALFORMED_PACKET,
                    ReasonCode.PROTOCOL_ERROR,
                    ReasonCode.NOT_AUTHORIZED,
                    ReasonCode.TOPIC_FILTER_INVALID,
                    ReasonCode.TOPIC_NAME_INVALID,
                    ReasonCode.TOPIC_ALIAS_INVALID,
                    ReasonCode.PACKET_TOO_LARGE,
                    ReasonCode.PAYLOAD_FORMAT_INVALID,
                    ReasonCode.RETAIN_NOT_SUPPORTED,
                    ReasonCode.QOS_NOT_SUPPORTED,
                    ReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED,
                    ReasonCode.SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED,
                    ReasonCode.WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED)) {
                return BLAMED;
            }
            boolean concernsNoPacket = reasonCode.isOneOf(
                    ReasonCode.SERVER_UNAVAILABLE,
                    ReasonCode.SERVER_BUSY,
                    ReasonCode.SERVER_SHUTTING_DOWN,
                    ReasonCode.KEEP_ALIVE_TIMEOUT,
                    ReasonCode.SESSION_TAKEN_OVER,
                    ReasonCode.MESSAGE_RATE_TOO_HIGH,
                    ReasonCode.QUOTA_EXCEEDED,
                    ReasonCode.RECEIVE_MAXIMUM_EXCEEDED,
                    ReasonCode.ADMINISTRATIVE_ACTION,
                    ReasonCode.USE_ANOTHER_SERVER,
                    ReasonCode.SERVER_MOVED,
                    ReasonCode.CONNECTION_RATE_EXCEEDED,
                    ReasonCode.MAXIMUM_CONNECT_TIME);
            return concernsNoPacket ? NONE : PEER;
        }

        private int weight() {
            return this == BLAMED ? 2 : this == PEER ? 1 : 0;
        }
    }

    /** What follows from the end of a connection. */
    enum Finding {
        /** Nothing yet. */
        NOTHING,
        /** The first request counts one end more. */
        ACCUSED,
        /** No request caused the end. */
        UNEXPLAINED,
        /** A packet of several subscriptions is accused again: smaller packets are tried. */
        HALVE,
        /** The request leaves the way of the others. */
        SET_ASIDE,
        /** A trial has ended so, too. */
        TRIED,
        /** The last trial has ended so: the request fails. */
        CONVICTED
    }

    /** A request that is set aside. */
    static final class Suspect {
        final Object request;
        /** Ends of the connection before the first trial. */
        final int ends;

        int lonelyEnds;
        private int trials;
        private long dueAtNanos;

        Suspect(Object request, int ends, int lonelyEnds) {
            this.request = request;
            this.ends = ends;
            this.lonelyEnds = lonelyEnds;
            this.trials = lonelyEnds;
        }

        private long distance() {
            long distance = FIRST_DISTANCE_NANOS;
            for (int i = 0; i < trials && distance < LONGEST_DISTANCE_NANOS; i++) {
                distance *= 3;
            }
            return Math.min(distance, LONGEST_DISTANCE_NANOS);
        }

        void postpone(long now) {
            dueAtNanos = now + distance();
        }

        private long dueAt(long connectedAt) {
            return Math.max(dueAtNanos, connectedAt + Math.min(distance(), LONGEST_STRETCH_NANOS));
        }
    }

    /** How far the trial of a suspect has come. */
    private enum Trial {
        NONE,
        /** Nothing new is sent until everything is answered. */
        DRAINING,
        /** The suspect is alone on the wire. */
        ALONE,
        /** The suspect has got no answer for long, and others are on the wire again. */
        JOINED
    }

    /** Nothing is known of any request, so that nothing need be looked at. */
    private boolean quiet = true;
    /** Whether requests may have to wait for each other. */
    private boolean restrained;
    /** Packets that are sent on this connection and not finally answered. */
    private int unanswered;

    private boolean connected;
    private long connectedAt;
    /** Whether this connection has answered anything since CONNACK. */
    private boolean proven;

    private boolean careful;
    private int carefulLeft;
    /** The first unanswered request when the peer ended a connection last, and how often in a row. */
    private @Nullable Object accused;

    private int times;
    /** Unanswered when the peer ended a connection, and neither answered nor set aside since. */
    private Set<Object> doubtful = Collections.emptySet();
    /** Whether the end that {@link #doubtful} is of has its cause. */
    private boolean explained;
    /** See {@link #takeUnexplained}. */
    private boolean unexplainedFound;

    private final List<Suspect> aside = new ArrayList<>(0);
    private @Nullable Suspect trial;
    private Trial phase = Trial.NONE;

    boolean isQuiet() {
        return quiet;
    }

    boolean isCareful() {
        return careful;
    }

    boolean isProven() {
        return proven;
    }

    private void look() {
        restrained = careful || phase == Trial.DRAINING || phase == Trial.ALONE;
        quiet = !careful && accused == null && aside.isEmpty() && doubtful.isEmpty();
    }

    /** A request, or a packet of several, is on the wire. */
    void sent() {
        unanswered++;
    }

    /** A packet that was on the wire is answered, or counts as unsent. */
    void left() {
        unanswered--;
    }

    boolean isIdle() {
        return unanswered == 0;
    }

    /** Whether a request may be sent now, or even a QoS 0 message. */
    boolean allows() {
        return !restrained || phase != Trial.DRAINING && phase != Trial.ALONE && proven && unanswered == 0;
    }

    void connected(long now) {
        connected = true;
        connectedAt = now;
        unanswered = 0;
        proven = false;
    }

    /** The connection has answered something, or has lived for long enough. */
    void proven() {
        proven = true;
    }

    /** Whether the connection has lived so long that it need not answer first. */
    boolean hasLived(long now) {
        return connected && now - connectedAt >= FIRST_DISTANCE_NANOS;
    }

    /**
     * A connection has ended.
     *
     * @param packets the requests of each packet that was on the wire unanswered, in the order of sending
     */
    Finding ended(Evidence evidence, List<? extends List<?>> packets, long now) {
        boolean counts = connected && evidence != Evidence.NONE;
        Suspect tried = phase == Trial.ALONE || phase == Trial.JOINED ? trial : null;
        connected = false;
        proven = false;
        unanswered = 0;
        phase = Trial.NONE;
        Finding finding = Finding.NOTHING;
        if (tried != null) {
            finding = counts && packets.size() == 1 ? tried(tried, evidence.weight()) : Finding.NOTHING;
            tried.postpone(now);
        } else if (counts) {
            finding = packets.isEmpty() ? Finding.UNEXPLAINED : accused(evidence.weight(), packets);
        }
        if (finding != Finding.TRIED && finding != Finding.CONVICTED) {
            trial = null;
        }
        look();
        return finding;
    }

    private Finding tried(Suspect tried, int weight) {
        tried.trials++;
        tried.lonelyEnds += weight;
        return tried.lonelyEnds >= LONELY_ENDS ? Finding.CONVICTED : Finding.TRIED;
    }

    private Finding accused(int weight, List<? extends List<?>> packets) {
        List<?> first = packets.get(0);
        Object head = first.get(0);
        boolean alone = packets.size() == 1;
        boolean again = doubtful.contains(head);
        times = (head == accused ? times : 0) + weight;
        accused = head;
        if (!careful || !alone) {
            explained = false;
            doubtful = Collections.newSetFromMap(new IdentityHashMap<>());
        }
        packets.forEach(doubtful::addAll);
        if (times >= CAREFUL_AFTER && !careful) {
            careful = true;
            carefulLeft = CAREFUL_REQUESTS;
            return first.size() > 1 ? Finding.HALVE : alone && weight > 1 ? Finding.SET_ASIDE : Finding.ACCUSED;
        }
        if (careful && alone && (again || times >= CAREFUL_AFTER)) {
            return first.size() > 1 ? Finding.HALVE : Finding.SET_ASIDE;
        }
        return Finding.ACCUSED;
    }

    @Nullable
    Object accused() {
        return accused;
    }

    int times() {
        return times;
    }

    /** The suspect of the trial that has just ended, or runs; null if none does. */
    @Nullable
    Suspect onTrial() {
        return trial;
    }

    void trialOver() {
        trial = null;
    }

    /** Sets the accused request aside. */
    Suspect setAside(Object request, long now) {
        Suspect suspect = new Suspect(request, times, 0);
        suspect.postpone(now);
        aside.add(suspect);
        explained = true;
        accused = null;
        times = 0;
        if (!doubtful.isEmpty()) {
            doubtful.remove(request);
        }
        careful &= !doubtful.isEmpty();
        look();
        return suspect;
    }

    /** A request was set aside by an earlier client. */
    void restore(Object request, int lonelyEnds) {
        aside.add(new Suspect(request, CAREFUL_AFTER, lonelyEnds));
        look();
    }

    /** A request was the first unanswered one so often in a row for an earlier client. */
    void restoreAccused(Object request, int ends) {
        accused = request;
        times = ends;
        doubtful = Collections.newSetFromMap(new IdentityHashMap<>());
        doubtful.add(request);
        careful = times >= CAREFUL_AFTER;
        carefulLeft = CAREFUL_REQUESTS;
        look();
    }

    boolean isAside(Object request) {
        return suspect(request) != null;
    }

    @Nullable
    Suspect suspect(Object request) {
        for (int i = 0; i < aside.size(); i++) {
            if (aside.get(i).request == request) {
                return aside.get(i);
            }
        }
        return null;
    }

    List<Suspect> aside() {
        return aside;
    }

    /** The broker has answered a request. */
    void answered(Object request) {
        proven = true;
        boolean last = !doubtful.isEmpty() && doubtful.remove(request) && doubtful.isEmpty();
        unexplainedFound |= last && !explained;
        if (careful && (--carefulLeft <= 0 || doubtful.isEmpty())) {
            careful = false;
        }
        gone(request);
    }

    /** Whether answers have shown since the last call that the last end of a connection had no cause among the requests. */
    boolean takeUnexplained() {
        boolean found = unexplainedFound;
        unexplainedFound = false;
        return found;
    }

    /** A request is over, or will be sent as any other. */
    void gone(Object request) {
        aside.removeIf(suspect -> suspect.request == request);
        if (!doubtful.isEmpty()) {
            doubtful.remove(request);
        }
        if (trial != null && trial.request == request) {
            trial = null;
            phase = Trial.NONE;
        }
        if (accused == request) {
            accused = null;
            times = 0;
        }
        look();
    }

    /** An end had no cause: takes back what was counted, and returns the suspects of which nothing is left. */
    Collection<Suspect> unexplained() {
        List<Suspect> acquitted =
                aside.stream().filter(suspect -> suspect.lonelyEnds == 0).toList();
        aside.forEach(suspect -> suspect.lonelyEnds = 0);
        aside.removeAll(acquitted);
        if (trial != null && acquitted.contains(trial)) {
            trial = null;
            phase = Trial.NONE;
        }
        forgive();
        return acquitted;
    }

    /** Stops being careful: nobody is accused any more. */
    void forgive() {
        careful = false;
        accused = null;
        times = 0;
        doubtful = Collections.emptySet();
        look();
    }

    /** The suspect to be tried now, which is from here on until the trial ends; null if none is due. */
    @Nullable
    Suspect nextTrial(long now) {
        if (connected && trial == null && !careful) {
            for (Suspect suspect : aside) {
                if (suspect.dueAt(connectedAt) <= now) {
                    trial = suspect;
                    phase = Trial.DRAINING;
                    look();
                    return suspect;
                }
            }
        }
        return null;
    }

    /** Whether a trial waits until nothing else is on the wire. */
    boolean isDraining() {
        return phase == Trial.DRAINING;
    }

    /** Whether others wait for the end of a trial, or for the answer to a request that goes alone. */
    boolean isHolding() {
        return restrained && unanswered > 0;
    }

    /** The suspect is on the wire, with nothing else. */
    void tryAlone() {
        phase = Trial.ALONE;
        look();
    }

    /** Others wait no longer: for a trial to begin, for its end, or for each other. */
    void release(long now) {
        Suspect suspect = trial;
        if (suspect != null && phase == Trial.DRAINING) {
            suspect.postpone(now);
            trial = null;
            phase = Trial.NONE;
        } else if (phase == Trial.ALONE) {
            phase = Trial.JOINED;
        }
        careful = false;
        look();
    }

    /** When a trial is due, or {@link Timers#NEVER}. */
    long nextDue() {
        long next = Timers.NEVER;
        if (connected && trial == null && !careful) {
            for (Suspect suspect : aside) {
                next = Math.min(next, suspect.dueAt(connectedAt));
            }
        }
        return next;
    }

    /** When a connection that answers nothing counts as proven, or {@link Timers#NEVER}. */
    long provenAt() {
        return connected && careful && !proven ? connectedAt + FIRST_DISTANCE_NANOS : Timers.NEVER;
    }
}
