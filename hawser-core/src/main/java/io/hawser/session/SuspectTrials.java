package io.hawser.session;

import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ConnectionException;
import io.hawser.mqtt.MqttException;
import io.hawser.session.Suspects.Finding;
import io.hawser.session.Timers.Timer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Carries out what {@link Suspects} finds: sets requests aside, tries them alone, puts them back or fails them. */
final class SuspectTrials {
    /** How long others wait for the wire to be free for a trial. */
    private static final long DRAIN_NANOS = 2_000_000_000L;
    /** How long they wait for the answer to it: longer than a broker that works needs. */
    private static final long ANSWER_NANOS = 5_000_000_000L;
    /** A broker that restarts ends some connections in a row. */
    private static final long CONNECTS_NANOS = 5_000_000_000L;

    /** So large a part of the queue may be set aside, */
    private static final int CROWD_SHARE = 4;
    /** but always so many requests, lest a bad network makes messages fail that wait in a small queue. */
    private static final int LEAST_CROWD = 64;

    private final SessionConfig config;
    private final Effects effects;
    private final Timers timers;
    private final KeepAlive keepAlive;
    private final Suspects suspects;
    private final OutboundFlow outbound;
    private final Window window;
    private final SubscriptionFlow subscriptions;
    private final LastOnce once;
    /** Until when others wait for a request that goes alone, or {@link Timers#NEVER}. */
    private long patienceUntil = Timers.NEVER;

    private int connectsClosed;
    private long firstConnectClosed;
    private int connectsTold;
    /** Connections in a row that ended while a packet of several filters was the first without an answer. */
    private int batchesUnanswered;

    SuspectTrials(
            SessionConfig config,
            Effects effects,
            Timers timers,
            KeepAlive keepAlive,
            Suspects suspects,
            OutboundFlow outbound,
            SubscriptionFlow subscriptions) {
        this.config = config;
        this.effects = effects;
        this.timers = timers;
        this.keepAlive = keepAlive;
        this.suspects = suspects;
        this.outbound = outbound;
        this.window = outbound.window();
        this.subscriptions = subscriptions;
        this.once = outbound.lastOnce();
    }

    /**
     * Whether the next connection may use topic aliases: not while a request is suspected, since it may be the alias that the broker
     * ends connections on, whatever it has granted.
     */
    boolean allowAliases() {
        return suspects.isQuiet();
    }

    /** The requests of each packet that is on the wire, in the order of sending; asked before the connection is left. */
    List<List<Object>> unanswered() {
        List<OnWire> packets = new ArrayList<>();
        subscriptions.unanswered((before, requests) -> packets.add(new OnWire(before, true, requests)));
        for (PublishRequest request : window.inFlight()) {
            if (request.onWire) {
                packets.add(new OnWire(request.sequence, false, List.of(request)));
            }
        }
        packets.sort(Comparator.comparingLong(OnWire::sequence).thenComparing(OnWire::isBehind));
        return packets.stream().map(OnWire::requests).toList();
    }

    /** A message, or what was sent directly behind one. */
    private record OnWire(long sequence, boolean isBehind, List<Object> requests) {}

    /** The broker has accepted a connection; nothing is sent on it yet. */
    void connected(long now) {
        connectsClosed = 0;
        connectsTold = 0;
        patienceUntil = Timers.NEVER;
        once.connected();
        suspects.connected(now);
        if (suspects.isQuiet()) {
            return;
        }
        for (Suspect suspect : suspects.aside()) {
            if (suspect.request instanceof PublishRequest publish && publish.isCancelled()) {
                window.giveUp(publish, Refusals.cancelled(publish));
            }
        }
        if (suspects.isCareful()) {
            ping(now);
        }
    }

    /** The peer has ended a connection without a word to CONNECT: tells at the 3rd time in a row, and whenever there are twice as many. */
    void connectClosed(String connect, MqttException cause, long now) {
        if (connectsClosed++ == 0) {
            firstConnectClosed = now;
        }
        if (connectsClosed >= Math.max(3, 2 * connectsTold) && now - firstConnectClosed >= CONNECTS_NANOS) {
            connectsTold = connectsClosed;
            tell(connect, connectsClosed, false, false, cause);
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
        if (evidence != Evidence.NONE && once.ended(packets.isEmpty(), now)) {
            tell(once.inWords(), once.ends(), false, false, cause);
        }
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
                    note(request, Math.min(suspects.weight(), Suspects.CAREFUL_AFTER));
                }
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
        int ends = suspects.ends();
        if (config.strictOrder && request instanceof PublishRequest) {
            if ((ends & ends - 1) == 0 || ends == Suspects.CAREFUL_AFTER + 1) {
                tell(Refusals.what(List.of(request)), ends, false, false, cause);
            }
            note(request, Suspects.CAREFUL_AFTER);
            return false;
        }
        suspects.setAside(request, now).told = true;
        note(request, PublishRequest.ASIDE);
        if (request instanceof SubscriptionRequest subscription) {
            subscriptions.setAside(subscription);
        }
        tell(Refusals.what(List.of(request)), ends, true, false, cause);
        if (suspects.aside().size() > Math.max(LEAST_CROWD, config.queue.messages() / CROWD_SHARE)) {
            giveUpOldest(cause);
        }
        return true;
    }

    /**
     * More suspects come than there is time to try them, and they would fill the queue for all others: the oldest fails that was alone when
     * the connection ended, if the broker has answered others since.
     */
    private void giveUpOldest(MqttException cause) {
        for (Suspect suspect : suspects.aside()) {
            if (suspect.request instanceof PublishRequest publish && suspects.hasControl(suspect)) {
                tell(Refusals.what(List.of(publish)), suspect.ends(), true, true, cause);
                window.giveUp(
                        publish,
                        Refusals.crowdedOut(
                                publish, suspect.ends(), suspects.aside().size(), cause));
                return;
            }
        }
    }

    private void tried(boolean convicted, MqttException cause) {
        Suspect suspect = suspects.onTrial();
        if (suspect == null) {
            return;
        }
        Object request = suspect.request;
        suspects.trialOver();
        tell(Refusals.what(List.of(request)), suspect.ends(), true, convicted, cause);
        if (!convicted) {
            note(request, PublishRequest.ASIDE + suspect.counted());
        } else if (request instanceof PublishRequest publish) {
            window.giveUp(publish, Refusals.of(request, suspect.counted(), cause));
        } else if (request instanceof SubscriptionRequest subscription) {
            subscriptions.giveUp(subscription, Refusals.of(request, suspect.counted(), cause));
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

    /** Everything that may be sent has been sent. */
    void pumped(long now) {
        if (suspects.isQuiet()) {
            if (patienceUntil != Timers.NEVER) {
                patienceUntil = Timers.NEVER;
                timers.stop(Timer.SUSPECT);
            }
            return;
        }
        if (suspects.takeReconsidered()) {
            suspects.aside().forEach(suspect -> note(suspect.request, PublishRequest.ASIDE + suspect.counted()));
        }
        tellOfUnsent();
        if (suspects.isIdle() && effects.writable()) {
            suspects.idle();
        }
        boolean held = suspects.isReserved();
        suspects.beginTrial(now);
        if (suspects.isDrained() && effects.writable()) {
            probe(now);
        }
        if (!suspects.isReserved()) {
            patienceUntil = Timers.NEVER;
        } else if (!held) {
            patienceUntil = now + DRAIN_NANOS;
        }
        schedule();
    }

    private void schedule() {
        long next = Math.min(patienceUntil, Math.min(suspects.nextDue(), suspects.carefulUntil()));
        if (next == Timers.NEVER) {
            timers.stop(Timer.SUSPECT);
        } else {
            timers.set(Timer.SUSPECT, next);
        }
    }

    /** Of what was set aside without being sent by this client: by an earlier client of the session, or for others before it. */
    private void tellOfUnsent() {
        for (Suspect suspect : suspects.aside()) {
            if (!suspect.told) {
                suspect.told = true;
                String why = suspect.ends() == 0 && suspect.request instanceof PublishRequest publish
                        ? Refusals.precedented(publish, suspects)
                        : "an earlier client of the session has set it aside";
                tell(
                        Refusals.what(List.of(suspect.request)),
                        suspect.ends(),
                        true,
                        false,
                        new ConnectionException(why));
            }
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
        patienceUntil = now + ANSWER_NANOS;
        if (suspect.request instanceof PublishRequest publish) {
            outbound.sendAlone(publish, now);
        } else if (suspect.request instanceof SubscriptionRequest subscription) {
            subscriptions.sendAlone(subscription, now);
        }
    }

    /** The timer has expired; others may be sent after it. */
    void expired(long now) {
        if (patienceUntil <= now) {
            patienceUntil = Timers.NEVER;
            suspects.release(now);
        }
        if (suspects.carefulUntil() <= now) {
            suspects.carefulInVain();
        }
        schedule();
    }

    /** PINGRESP has come. */
    void pingResp(long now) {
        suspects.proven();
        if (suspects.isProbing()) {
            tryAlone(now);
        }
    }

    /** The client ends. */
    void close() {
        suspects.clear();
    }
}
