package io.hawser.session;

import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.MqttException;
import io.hawser.session.Suspects.Finding;
import io.hawser.session.Timers.Timer;
import java.util.ArrayList;
import java.util.List;

/** Carries out what {@link Suspects} finds: sets requests aside, tries them alone, puts them back or fails them. */
final class SuspectTrials {
    /** How long others wait for a request that goes alone: longer than a broker that works needs for an answer. */
    private static final long PATIENCE_NANOS = 10_000_000_000L;

    private final SessionConfig config;
    private final Effects effects;
    private final Timers timers;
    private final KeepAlive keepAlive;
    private final Suspects suspects;
    private final Window window;
    private final Subscriptions subscriptions;
    /** Until when others wait for a request that goes alone, or {@link Timers#NEVER}. */
    private long patienceUntil = Timers.NEVER;

    private int connectsClosed;
    /** Connections in a row that ended while a packet of several filters was the first without an answer. */
    private int batchesUnanswered;

    SuspectTrials(
            SessionConfig config,
            Effects effects,
            Timers timers,
            KeepAlive keepAlive,
            Suspects suspects,
            Window window,
            Subscriptions subscriptions) {
        this.config = config;
        this.effects = effects;
        this.timers = timers;
        this.keepAlive = keepAlive;
        this.suspects = suspects;
        this.window = window;
        this.subscriptions = subscriptions;
    }

    /** The requests of each packet that is on the wire; asked before the connection is left. */
    List<List<Object>> unanswered() {
        List<List<Object>> packets = new ArrayList<>(subscriptions.unanswered());
        for (PublishRequest request : window.inOrder()) {
            if (request.onWire) {
                packets.add(List.of(request));
            }
        }
        return packets;
    }

    /** The broker has accepted a connection; nothing is sent on it yet. */
    void connected(long now) {
        connectsClosed = 0;
        patienceUntil = Timers.NEVER;
        suspects.connected(now);
        if (suspects.isQuiet()) {
            return;
        }
        for (Suspect suspect : List.copyOf(suspects.aside())) {
            if (suspect.request instanceof PublishRequest publish && publish.isCancelled()) {
                window.giveUp(publish, Refusals.cancelled(publish));
            }
        }
        if (suspects.isCareful()) {
            ping(now);
        }
    }

    /** The peer has ended a connection without a word to CONNECT: tells at the 3rd time in a row, the 6th, the 12th... */
    void connectClosed(String connect, MqttException cause) {
        connectsClosed++;
        for (int told = 3; told <= connectsClosed; told *= 2) {
            if (told == connectsClosed) {
                effects.event(new ConnectionEvent.RequestSuspected(connect, connectsClosed, false, false, cause));
            }
        }
    }

    /**
     * A connection has ended and is left.
     *
     * @param packets what was {@link #unanswered} before
     * @return whether the end has its cause in a request that will not end the next connection at once
     */
    boolean ended(Evidence evidence, List<List<Object>> packets, MqttException cause, long now) {
        List<Object> first = packets.isEmpty() ? List.of() : packets.get(0);
        if (first.size() > 1) {
            suspects.ended(Evidence.NONE, packets, now);
            return halved(first, evidence, cause);
        }
        batchesUnanswered = 0;
        Object before = suspects.accused();
        Finding finding = suspects.ended(evidence, packets, now);
        Object request = suspects.accused();
        if (before != null && before != request) {
            note(before, 0);
        }
        return switch (finding) {
            case NOTHING -> false;
            case ACCUSED -> {
                if (request != null) {
                    note(request, Math.min(suspects.times(), Suspects.CAREFUL_AFTER));
                }
                yield false;
            }
            case UNEXPLAINED -> {
                unexplained();
                yield false;
            }
            case SET_ASIDE -> request != null && setAside(request, cause, now);
            case TRIED, CONVICTED -> {
                tried(finding == Finding.CONVICTED, cause);
                yield true;
            }
        };
    }

    /**
     * A packet of several filters was the first without an answer: the next have half as many. A network that fails may be all
     * there is to it the first time, unless the peer has ended the connection.
     */
    private boolean halved(List<Object> packet, Evidence evidence, MqttException cause) {
        batchesUnanswered++;
        if (evidence == Evidence.NONE && batchesUnanswered < Suspects.CAREFUL_AFTER) {
            return false;
        }
        subscriptions.batchAtMost(Math.max(1, packet.size() / 2));
        tell(Refusals.what(packet), batchesUnanswered, false, false, cause);
        return true;
    }

    private boolean setAside(Object request, MqttException cause, long now) {
        int ends = suspects.times();
        if (config.strictOrder && request instanceof PublishRequest) {
            if ((ends & ends - 1) == 0 || ends == Suspects.CAREFUL_AFTER + 1) {
                tell(Refusals.what(List.of(request)), ends, false, false, cause);
            }
            note(request, Suspects.CAREFUL_AFTER);
            return false;
        }
        suspects.setAside(request, now);
        note(request, PublishRequest.ASIDE);
        if (request instanceof SubscriptionRequest subscription) {
            subscriptions.setAside(subscription);
        }
        tell(Refusals.what(List.of(request)), ends, true, false, cause);
        return true;
    }

    private void tried(boolean convicted, MqttException cause) {
        Suspect suspect = suspects.onTrial();
        if (suspect == null) {
            return;
        }
        Object request = suspect.request;
        int ends = suspect.ends + suspect.lonelyEnds;
        suspects.trialOver();
        tell(Refusals.what(List.of(request)), ends, true, convicted, cause);
        if (!convicted) {
            note(request, PublishRequest.ASIDE + suspect.lonelyEnds);
        } else if (request instanceof PublishRequest publish) {
            window.giveUp(publish, Refusals.of(request, suspect.lonelyEnds, cause));
        } else if (request instanceof SubscriptionRequest subscription) {
            subscriptions.giveUp(subscription, Refusals.of(request, suspect.lonelyEnds, cause));
        }
    }

    private void tell(String what, int ends, boolean setAside, boolean givenUp, MqttException cause) {
        effects.event(new ConnectionEvent.RequestSuspected(what, ends, setAside, givenUp, cause));
    }

    /** What a later client of the session is to know of a publish. */
    private void note(Object request, int ends) {
        if (request instanceof PublishRequest publish) {
            window.note(publish, ends);
        }
    }

    /** No request caused the end of a connection, so what was counted against them counts no more. */
    void unexplained() {
        Object accused = suspects.accused();
        if (accused != null) {
            note(accused, 0);
        }
        for (Suspect suspect : suspects.unexplained()) {
            note(suspect.request, 0);
            if (suspect.request instanceof PublishRequest publish) {
                window.putBack(publish);
            } else if (suspect.request instanceof SubscriptionRequest subscription) {
                subscriptions.putBack(subscription);
            }
        }
        suspects.aside().forEach(suspect -> note(suspect.request, PublishRequest.ASIDE));
    }

    /** Everything that may be sent has been sent. */
    void pumped(long now) {
        if (suspects.isQuiet()) {
            if (patienceUntil != Timers.NEVER) {
                patienceUntil = Timers.NEVER;
                timers.stop(Timer.SUSPECT);
            }
            return;
        }
        if (suspects.isIdle() && effects.writable()) {
            suspects.idle();
        }
        suspects.beginTrial(now);
        if (suspects.isDrained() && effects.writable()) {
            probe(now);
        }
        if (!suspects.isHolding()) {
            patienceUntil = Timers.NEVER;
        } else if (patienceUntil == Timers.NEVER) {
            patienceUntil = now + PATIENCE_NANOS;
        }
        long next = Math.min(patienceUntil, Math.min(suspects.nextDue(), suspects.provenAt()));
        if (next == Timers.NEVER) {
            timers.stop(Timer.SUSPECT);
        } else {
            timers.set(Timer.SUSPECT, next);
        }
    }

    private void ping(long now) {
        effects.transmit().pingReq();
        keepAlive.pinged(now);
    }

    /** Before a trial: the answer shows that the connection is sound, and the end of it soon after that it was the request. */
    private void probe(long now) {
        Suspect suspect = suspects.onTrial();
        if (suspect != null && suspect.request instanceof PublishRequest publish && publish.isCancelled()) {
            window.giveUp(publish, Refusals.cancelled(publish));
        } else {
            suspects.probing();
            ping(now);
        }
    }

    private void tryAlone(long now) {
        Suspect suspect = suspects.onTrial();
        if (suspect == null) {
            return;
        }
        suspects.tryAlone(now);
        if (suspect.request instanceof PublishRequest publish) {
            window.sendAlone(publish, now);
        } else if (suspect.request instanceof SubscriptionRequest subscription) {
            subscriptions.sendAlone(subscription, now);
        }
    }

    /** The timer has expired; others may be sent after it. */
    void expired(long now) {
        if (suspects.hasLived(now)) {
            suspects.proven();
        }
        if (patienceUntil <= now) {
            patienceUntil = Timers.NEVER;
            suspects.release(now);
        }
    }

    /** PINGRESP has come. */
    void pingResp(long now) {
        suspects.proven();
        if (suspects.isProbing()) {
            tryAlone(now);
        }
    }
}
