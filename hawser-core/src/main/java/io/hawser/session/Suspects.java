package io.hawser.session;

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
 * answered a PINGREQ. A request that is alone on the wire when the peer ends that connection, too, is set aside. Later it is
 * tried again, alone, on a connection that has lived for a while and has just answered a PINGREQ; {@value #LONELY_ENDS} ends
 * of such trials convict it.
 *
 * <p>The control: an end without any request on the wire, or one of which every unanswered request is answered later, has no
 * cause among the requests. Such an end takes back what was counted before.
 */
final class Suspects {
    /** Ends in a row with the same first unanswered request, after which requests go out one at a time. */
    static final int CAREFUL_AFTER = 2;
    /** Ends of trials after which a request fails: one may be chance, two in a row a broker that restarts. */
    static final int LONELY_ENDS = 3;
    /** Requests sent one at a time before the client stops being careful: with a large window, all would take too long. */
    private static final int CAREFUL_REQUESTS = 64;

    /** What follows from the end of a connection. */
    enum Finding {
        /** Nothing yet. */
        NOTHING,
        /** The first request counts one end more. */
        ACCUSED,
        /** No request caused the end. */
        UNEXPLAINED,
        /** The request leaves the way of the others. */
        SET_ASIDE,
        /** A trial has ended so, too. */
        TRIED,
        /** The last trial has ended so: the request fails. */
        CONVICTED
    }

    /** How far the trial of a suspect has come. */
    private enum Trial {
        NONE,
        /** Nothing new is sent until everything is answered. */
        DRAINING,
        /** PINGREQ is sent, and nothing else until its answer. */
        PROBING,
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
    private long bytesAside;
    private @Nullable Suspect trial;
    private Trial phase = Trial.NONE;
    private long triedAt;

    boolean isQuiet() {
        return quiet;
    }

    boolean isCareful() {
        return careful;
    }

    /** Others are held back while a trial needs the wire for itself. */
    private boolean isReserved() {
        return phase == Trial.DRAINING || phase == Trial.PROBING || phase == Trial.ALONE;
    }

    private void changed() {
        restrained = careful || isReserved();
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

    /** Whether a request may be sent now, or even a QoS 0 message. */
    boolean allows() {
        return !restrained || !isReserved() && proven && unanswered == 0;
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
        return connected && now - connectedAt >= Suspect.FIRST_DISTANCE_NANOS;
    }

    /**
     * A connection has ended.
     *
     * @param packets the requests of each packet that was on the wire unanswered, in the order of sending
     */
    Finding ended(Evidence evidence, List<? extends List<?>> packets, long now) {
        Suspect tried = phase == Trial.ALONE || phase == Trial.JOINED ? trial : null;
        boolean counts = connected && evidence != Evidence.NONE;
        connected = false;
        proven = false;
        unanswered = 0;
        phase = Trial.NONE;
        Finding finding = Finding.NOTHING;
        if (tried != null) {
            int before = tried.lonelyEnds;
            tried.tried(counts && packets.size() == 1 ? evidence : Evidence.NONE, connectedAt, triedAt, now);
            finding = tried.lonelyEnds == before
                    ? Finding.NOTHING
                    : tried.lonelyEnds >= LONELY_ENDS ? Finding.CONVICTED : Finding.TRIED;
        } else if (counts) {
            finding = packets.isEmpty() ? Finding.UNEXPLAINED : accused(evidence.weight(), packets);
        }
        if (finding != Finding.TRIED && finding != Finding.CONVICTED) {
            trial = null;
        }
        changed();
        return finding;
    }

    private Finding accused(int weight, List<? extends List<?>> packets) {
        Object head = packets.get(0).get(0);
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
            return alone && weight > 1 ? Finding.SET_ASIDE : Finding.ACCUSED;
        }
        return careful && alone && (again || times >= CAREFUL_AFTER) ? Finding.SET_ASIDE : Finding.ACCUSED;
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
    void setAside(Object request, long now) {
        Suspect suspect = new Suspect(request, times, 0);
        suspect.postpone(now);
        explained = true;
        accused = null;
        times = 0;
        if (!doubtful.isEmpty()) {
            doubtful.remove(request);
        }
        careful &= !doubtful.isEmpty();
        add(suspect);
    }

    /** A request was set aside by an earlier client. */
    void restore(Object request, int lonelyEnds) {
        add(new Suspect(request, CAREFUL_AFTER, lonelyEnds));
    }

    /** A request was the first unanswered one so often in a row for an earlier client. */
    void restoreAccused(Object request, int ends) {
        accused = request;
        times = ends;
        doubtful = Collections.newSetFromMap(new IdentityHashMap<>());
        doubtful.add(request);
        careful = times >= CAREFUL_AFTER;
        carefulLeft = CAREFUL_REQUESTS;
        changed();
    }

    /** Bytes of the messages that are set aside, which count as queued. */
    long bytesAside() {
        return bytesAside;
    }

    private void add(Suspect suspect) {
        aside.add(suspect);
        bytesAside += bytes(suspect);
        changed();
    }

    private void remove(List<Suspect> suspects) {
        for (Suspect suspect : suspects) {
            aside.remove(suspect);
            bytesAside -= bytes(suspect);
            if (trial == suspect) {
                trial = null;
                phase = Trial.NONE;
            }
        }
    }

    private static long bytes(Suspect suspect) {
        return suspect.request instanceof PublishRequest publish ? publish.size() : 0;
    }

    boolean isAside(Object request) {
        for (int i = 0; i < aside.size(); i++) {
            if (aside.get(i).request == request) {
                return true;
            }
        }
        return false;
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

    /** Everything that could be sent is answered, or over in another way: nothing is in doubt any more but what is set aside. */
    void idle() {
        unexplainedFound |= !doubtful.isEmpty() && !explained;
        forgive();
    }

    /** Whether nothing is on the wire of a connection that lets everything out that waits. */
    boolean isIdle() {
        return connected && unanswered == 0 && !isReserved() && (proven || !careful);
    }

    private void forgive() {
        careful = false;
        accused = null;
        times = 0;
        doubtful = Collections.emptySet();
        changed();
    }

    /** Whether answers have shown since the last call that the last end of a connection had no cause among the requests. */
    boolean takeUnexplained() {
        boolean found = unexplainedFound;
        unexplainedFound = false;
        return found;
    }

    /** A request is over, or will be sent as any other. */
    void gone(Object request) {
        if (!aside.isEmpty()) {
            remove(aside.stream().filter(suspect -> suspect.request == request).toList());
        }
        if (!doubtful.isEmpty()) {
            doubtful.remove(request);
        }
        if (accused == request) {
            accused = null;
            times = 0;
        }
        changed();
    }

    /** An end had no cause: takes back what was counted, and returns the suspects of which nothing is left. */
    Collection<Suspect> unexplained() {
        List<Suspect> acquitted =
                aside.stream().filter(suspect -> suspect.lonelyEnds == 0).toList();
        aside.forEach(suspect -> suspect.lonelyEnds = 0);
        remove(acquitted);
        forgive();
        return acquitted;
    }

    /** Begins the trial of a suspect if one is due, and nothing else is in doubt. */
    void beginTrial(long now) {
        if (!connected || trial != null || careful) {
            return;
        }
        for (Suspect suspect : aside) {
            if (suspect.dueAt(connectedAt) <= now) {
                trial = suspect;
                phase = Trial.DRAINING;
                changed();
                return;
            }
        }
    }

    /** Whether everything is answered that a trial waits for, so that the connection can be probed. */
    boolean isDrained() {
        return phase == Trial.DRAINING && unanswered == 0;
    }

    /** PINGREQ is sent for a trial. */
    void probing() {
        phase = Trial.PROBING;
    }

    boolean isProbing() {
        return phase == Trial.PROBING;
    }

    /** Whether the suspect is on the wire. */
    boolean isTried(Object request) {
        return trial != null && trial.request == request && (phase == Trial.ALONE || phase == Trial.JOINED);
    }

    /** Whether others wait for the end of a trial, or for the answer to a request that goes alone. */
    boolean isHolding() {
        return restrained && (unanswered > 0 || isReserved());
    }

    /** The suspect goes on the wire, with nothing else. */
    void tryAlone(long now) {
        phase = Trial.ALONE;
        triedAt = now;
    }

    /** Others wait no longer: for a trial to begin, for its end, or for each other. */
    void release(long now) {
        if (trial != null && (phase == Trial.DRAINING || phase == Trial.PROBING)) {
            trial.postpone(now);
            trial = null;
            phase = Trial.NONE;
        } else if (phase == Trial.ALONE) {
            phase = Trial.JOINED;
        }
        careful = false;
        changed();
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
        return connected && careful && !proven ? connectedAt + Suspect.FIRST_DISTANCE_NANOS : Timers.NEVER;
    }
}
