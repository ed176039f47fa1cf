package io.hawser.session;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Judges which request of ours a broker answers by ending the connection. A request is a {@link PublishRequest} or a {@link
 * SubscriptionRequest}.
 *
 * <p>The evidence: the peer ends the connection while requests are unanswered. The second end in a row with the same first
 * request makes the client careful: on the next connection the requests go out one at a time, after the connection has
 * answered a PINGREQ. A request that is alone on the wire when the peer ends that connection, too, is set aside. Later it is
 * tried again, alone, on a connection that has just answered a PINGREQ, until it is answered or {@linkplain Suspect#isConvicted
 * convicted}.
 *
 * <p>The control: a suspect that is answered shows that the ends have another reason, and takes back what was counted against
 * all others.
 */
final class Suspects {
    /** Ends in a row with the same first unanswered request, after which requests go out one at a time. */
    static final int CAREFUL_AFTER = 2;
    /** Requests sent one at a time before the client stops being careful: with a large window, all would take too long. */
    private static final int CAREFUL_REQUESTS = 64;
    /** How long the client is careful on a connection at first: it doubles as long as that finds nothing. */
    private static final long CAREFUL_NANOS = 1_000_000_000L;

    private static final int CAREFUL_DOUBLINGS = 4;

    /** What follows from the end of a connection. */
    enum Finding {
        /** Nothing yet. */
        NOTHING,
        /** The first request counts one end more. */
        ACCUSED,
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

    /** Of the message sent last on this connection: those are sent in the order of their sequences. */
    private long lastSequence;

    /** Requests answered while something was known of one. */
    private long answered;

    private boolean connected;
    /** Whether nothing is to be sent any more because the connection is about to be renewed. */
    private boolean held;

    private long connectedAt;
    /** Whether this connection has answered anything since CONNACK. */
    private boolean proven;

    private boolean careful;
    private int carefulLeft;
    private int carefulInVain;
    /** The first unanswered request when the peer ended a connection last. */
    private @Nullable Object accused;
    /** How often in a row, and what that weighs. */
    private int ends;

    private int weight;
    /** Unanswered when the peer ended a connection, and neither answered nor set aside since. */
    private Set<Object> doubtful = Collections.emptySet();

    /** Seldom changed; figures ask for it on other threads. */
    private final List<Suspect> aside = new CopyOnWriteArrayList<>();

    private long bytesAside;
    private boolean reconsidered;
    private final Precedents precedents = new Precedents();
    private @Nullable Suspect trial;
    private Trial phase = Trial.NONE;
    private long triedAt;

    boolean isQuiet() {
        return quiet;
    }

    boolean isCareful() {
        return careful;
    }

    /** Whether others are held back, for a trial needs the wire for itself. */
    boolean isReserved() {
        return phase == Trial.DRAINING || phase == Trial.PROBING || phase == Trial.ALONE;
    }

    private void changed() {
        restrained = careful || isReserved();
        quiet = !careful && accused == null && aside.isEmpty() && doubtful.isEmpty() && precedents.isEmpty();
    }

    /** A message is on the wire. */
    void sent(long sequence) {
        unanswered++;
        lastSequence = sequence;
    }

    /** A packet of subscriptions is on the wire. Returns the sequence of the message that was sent before it. */
    long sent() {
        unanswered++;
        return lastSequence;
    }

    /** A packet that was on the wire is answered, or counts as unsent. */
    void left() {
        unanswered--;
    }

    /** Whether a request may be sent now, or even a QoS 0 message. */
    boolean allows() {
        return !held && (!restrained || !isReserved() && proven && unanswered == 0);
    }

    /** Lets no request be sent, or lets requests be sent again: before a connection is renewed, what is in flight is to be settled. */
    void hold(boolean hold) {
        held = hold;
    }

    void connected(long now) {
        connected = true;
        connectedAt = now;
        unanswered = 0;
        lastSequence = Long.MIN_VALUE;
        proven = false;
        carefulLeft = CAREFUL_REQUESTS;
    }

    /** The connection has answered something. */
    void proven() {
        proven = true;
    }

    /**
     * A connection has ended.
     *
     * @param packets the requests of each packet that was on the wire unanswered, in the order of sending
     */
    Finding ended(Evidence evidence, List<? extends List<?>> packets, long now) {
        Suspect tried = phase == Trial.ALONE || phase == Trial.JOINED ? trial : null;
        boolean counts = connected && evidence != Evidence.NONE && !packets.isEmpty();
        connected = false;
        proven = false;
        unanswered = 0;
        phase = Trial.NONE;
        trial = null;
        Finding finding = Finding.NOTHING;
        if (tried != null) {
            if (counts && packets.size() == 1) {
                trial = tried;
                tried.ended(evidence, connectedAt, triedAt, now);
                finding = tried.isConvicted(answered, precedents.convict(tried.request))
                        ? Finding.CONVICTED
                        : Finding.TRIED;
                if (finding == Finding.CONVICTED) {
                    precedents.convicted(tried.request, now);
                }
            }
            tried.postpone(now);
        } else if (counts) {
            finding = accused(evidence.weight(), packets);
        }
        changed();
        return finding;
    }

    private Finding accused(int evidence, List<? extends List<?>> packets) {
        Object head = packets.get(0).get(0);
        boolean alone = packets.size() == 1;
        boolean again = doubtful.contains(head);
        weight = (head == accused ? weight : 0) + evidence;
        ends = (head == accused ? ends : 0) + 1;
        accused = head;
        if (!careful || !alone) {
            doubtful = Collections.newSetFromMap(new IdentityHashMap<>());
        }
        packets.forEach(doubtful::addAll);
        if (careful || weight < CAREFUL_AFTER) {
            return careful && alone && (again || weight >= CAREFUL_AFTER) ? Finding.SET_ASIDE : Finding.ACCUSED;
        }
        careful = true;
        return alone && evidence > 1 ? Finding.SET_ASIDE : Finding.ACCUSED;
    }

    @Nullable
    Object accused() {
        return accused;
    }

    int ends() {
        return ends;
    }

    int weight() {
        return weight;
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
        precedents.setAsideFor(request);
        Suspect suspect = new Suspect(request, ends, 0, answered);
        suspect.postpone(now);
        accused = null;
        ends = 0;
        weight = 0;
        carefulInVain = 0;
        if (!doubtful.isEmpty()) {
            doubtful.remove(request);
        }
        careful &= !doubtful.isEmpty();
        add(suspect);
        return suspect;
    }

    /** The topics whose messages are suspected in a row. */
    Precedents precedents() {
        return precedents;
    }

    /** Sets a message aside that is not sent because of those before it to the same topic. */
    void setAsideUnsent(PublishRequest request, long now) {
        Suspect suspect = new Suspect(request, 0, 0, answered);
        suspect.postpone(now);
        add(suspect);
    }

    /** A request was set aside by an earlier client. */
    void restore(Object request, int counted) {
        add(new Suspect(request, CAREFUL_AFTER + 1 + counted, counted, answered));
    }

    /** A request was the first unanswered one so often in a row for an earlier client. */
    void restoreAccused(Object request, int ends) {
        accused = request;
        this.ends = ends;
        weight = ends;
        doubtful = Collections.newSetFromMap(new IdentityHashMap<>());
        doubtful.add(request);
        careful = ends >= CAREFUL_AFTER;
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

    private static long bytes(Suspect suspect) {
        return suspect.request instanceof PublishRequest publish ? publish.size() : 0;
    }

    boolean isAside(Object request) {
        return find(request) != null;
    }

    private @Nullable Suspect find(Object request) {
        for (Suspect suspect : aside) {
            if (suspect.request == request) {
                return suspect;
            }
        }
        return null;
    }

    /** Those that are set aside; any thread may read it. */
    List<Suspect> aside() {
        return aside;
    }

    /** The broker has answered a request. */
    void answered(Object request) {
        proven = true;
        answered++;
        precedents.answered(request);
        boolean wasSuspect = !aside.isEmpty() && isAside(request);
        gone(request);
        if (wasSuspect) {
            for (Suspect other : aside) {
                reconsidered |= other.reconsider();
            }
        }
        if (careful && (--carefulLeft <= 0 || doubtful.isEmpty())) {
            careful = false;
            changed();
        }
    }

    /** Whether a suspect was sent, and others have been answered since it was set aside. */
    boolean hasControl(Suspect suspect) {
        return suspect.ends() > 0 && suspect.isBefore(answered);
    }

    /** Whether something that counted against suspects has been taken back since the last call. */
    boolean takeReconsidered() {
        boolean taken = reconsidered;
        reconsidered = false;
        return taken;
    }

    /** Whether nothing is on the wire of a connection that lets everything out that waits. */
    boolean isIdle() {
        return connected && unanswered == 0 && !isReserved() && (proven || !careful);
    }

    /** Everything that could be sent is answered, or over in another way: nothing is in doubt but what is set aside. */
    void idle() {
        careful = false;
        carefulInVain = 0;
        accused = null;
        ends = 0;
        weight = 0;
        doubtful = Collections.emptySet();
        changed();
    }

    /** A request is over, or will be sent as any other. */
    void gone(Object request) {
        Suspect suspect = aside.isEmpty() ? null : find(request);
        if (suspect != null) {
            aside.remove(suspect);
            bytesAside -= bytes(suspect);
            if (trial == suspect) {
                trial = null;
                phase = Trial.NONE;
            }
        }
        if (!doubtful.isEmpty()) {
            doubtful.remove(request);
        }
        if (accused == request) {
            accused = null;
            ends = 0;
            weight = 0;
        }
        changed();
    }

    /** The client ends. */
    void clear() {
        aside.clear();
        precedents.clear();
        bytesAside = 0;
        trial = null;
        phase = Trial.NONE;
        idle();
    }

    /** Begins the trial of a suspect if one is due, and nothing else is in doubt. */
    void beginTrial(long now) {
        if (!connected || trial != null || careful) {
            return;
        }
        for (Suspect suspect : aside) {
            if (dueAt(suspect) <= now) {
                trial = suspect;
                phase = Trial.DRAINING;
                changed();
                return;
            }
        }
    }

    private long dueAt(Suspect suspect) {
        return Math.max(suspect.dueAt(connectedAt), precedents.dueAt(suspect.request));
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

    /** The suspect goes on the wire, with nothing else. */
    void tryAlone(long now) {
        phase = Trial.ALONE;
        triedAt = now;
    }

    /** Others wait no longer for a trial to begin, or to end. */
    void release(long now) {
        Suspect waiting = trial;
        if (phase == Trial.ALONE) {
            phase = Trial.JOINED;
        } else if (waiting != null && isReserved()) {
            waiting.postpone(now);
            trial = null;
            phase = Trial.NONE;
        }
        changed();
    }

    /** Until when the client is careful on this connection, or {@link Timers#NEVER}. */
    long carefulUntil() {
        return connected && careful
                ? connectedAt + (CAREFUL_NANOS << Math.min(carefulInVain, CAREFUL_DOUBLINGS))
                : Timers.NEVER;
    }

    /** Requests have gone one at a time for long enough. */
    void carefulInVain() {
        careful = false;
        carefulInVain++;
        changed();
    }

    /** When a trial is due, or {@link Timers#NEVER}. */
    long nextDue() {
        long next = Timers.NEVER;
        if (connected && trial == null && !careful) {
            for (Suspect suspect : aside) {
                next = Math.min(next, dueAt(suspect));
            }
        }
        return next;
    }
}
