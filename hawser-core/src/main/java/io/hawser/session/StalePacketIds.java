package io.hawser.session;

import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ReasonCode;
import io.hawser.session.Timers.Timer;
import io.hawser.wire.Properties;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Identifiers under which the broker may wait for a PUBREL that nobody here knows of: a client before this one has used them,
 * and what it knew was in memory only, or is lost. The broker would take a QoS 2 message under such an identifier for the
 * repetition of an earlier one, and acknowledge it without passing it on [MQTT-4.3.3-2]. So each is released before its first
 * message, and that message waits for PUBCOMP: without it, a repetition on the next connection would have the same doubt.
 *
 * <p>Some servers do not answer a PUBREL for an identifier that they do not know; in RabbitMQ 3.10 it even ends the connection's
 * process. A server that stays silent and has never answered is not asked again for an hour, nor is one that ends the connection
 * meanwhile again and again. What is sent under an
 * identifier that is not released is in doubt then: its PUBCOMP tells that the identifier is free, and not whether the message was
 * passed on, so that it has to be sent once more.
 */
final class StalePacketIds {
    /** Released at a time: a round trip for so many messages, and at most 256 bytes before the first. */
    private static final int BATCH = 64;
    /** How long a server that has not answered is not asked: that may have been the network. */
    private static final long UNASKED_NANOS = 3_600_000_000_000L;
    /**
     * After so many failures in a row, a server that has answered before is not asked any more either, nor is one whose connections
     * end: fewer may be the network's.
     */
    private static final int FAILURES = 3;
    /** Servers of which something is remembered: more than a program names, and a bound for those that brokers name. */
    private static final int SERVERS = 64;
    /** The answer may take so many times longer than that to CONNECT took, within the bounds that follow. */
    private static final int ROUND_TRIPS = 50;
    /** A pause of a broker in good health. */
    private static final long LEAST_PATIENCE_NANOS = 2_000_000_000L;
    /** A message waits no longer for an answer that may never come. */
    private static final long MOST_PATIENCE_NANOS = 5_000_000_000L;
    /** With retransmission, so many of its first waits: the network is expected to lose packets. */
    private static final int PATIENT_WAITS = 8;

    /** Uses an identifier while it is asked for. */
    static final Object RESERVED = new Object();

    private enum Manner {
        /** Identifiers are asked for. */
        ASKED,
        /** Identifiers are not asked for, and messages under them are in doubt. */
        UNASKED,
        /** The server answers QoS 2 with PUBACK: it keeps no identifiers. */
        WITHOUT_QOS_2
    }

    private final PacketIds<Object> ids;
    private final Effects effects;
    private final @Nullable Retransmitter retransmitter;
    private final Timers timers;
    private final long mostPatienceNanos;
    private long patienceNanos;
    /** Until when a server is not asked; {@link Timers#NEVER} if it knows no QoS 2. */
    private final Map<String, Long> unasked = new HashMap<>(0);

    private final BitSet asked = new BitSet(0);
    private final BitSet released = new BitSet(0);
    private final BitSet doubted = new BitSet(0);
    /** Identifiers of messages that were in doubt and are finished with PUBCOMP, not used since. */
    private final BitSet known = new BitSet(0);
    /** Whether the session began before this client, so that not everything of it is known. */
    private boolean inherited;

    private String server = "";
    private Manner manner = Manner.ASKED;
    /** Whether this server has answered before, so that one failure to do so is the network's. */
    private boolean answers;
    /** Failures to answer since the last answer. */
    private int failures;

    private int times;
    private long repeatAtNanos;

    StalePacketIds(
            PacketIds<Object> ids,
            Effects effects,
            Timers timers,
            @Nullable Retransmitter retransmitter,
            SessionConfig config) {
        this.ids = ids;
        this.effects = effects;
        this.timers = timers;
        this.retransmitter = retransmitter;
        Retransmission policy = config.retransmission;
        this.mostPatienceNanos = policy == null
                ? Math.max(LEAST_PATIENCE_NANOS, Math.min(config.pingTimeoutNanos, MOST_PATIENCE_NANOS))
                : PATIENT_WAITS * policy.initial().toNanos();
    }

    /** How long the answers may take, in milliseconds. */
    long patienceMillis() {
        return patienceNanos / 1_000_000;
    }

    /**
     * The broker has accepted a connection, and has the session.
     *
     * @param first whether it is this client's first, so that the session is an earlier one's
     * @param roundTripNanos how long the answer to CONNECT took
     */
    void resumed(String serverName, boolean first, long roundTripNanos, long now) {
        patienceNanos = retransmitter != null
                ? mostPatienceNanos
                : Math.max(LEAST_PATIENCE_NANOS, Math.min(ROUND_TRIPS * roundTripNanos, mostPatienceNanos));
        inherited |= first;
        at(serverName);
        Long until = unasked.get(serverName);
        if (until == null || until <= now) {
            manner = Manner.ASKED;
        } else {
            manner = until == Timers.NEVER ? Manner.WITHOUT_QOS_2 : Manner.UNASKED;
        }
    }

    /** The broker has a new session, of which everything is known. */
    void begun(String serverName) {
        at(serverName);
        inherited = false;
        released.clear();
        doubted.clear();
        known.clear();
    }

    private void at(String serverName) {
        if (!serverName.equals(server)) {
            server = serverName;
            answers = false;
            failures = 0;
        }
    }

    /** Whether a QoS 2 message can have the next identifier; if that must be asked for, it is. */
    boolean takesNext(long now) {
        if (!inherited || manner != Manner.ASKED) {
            return true;
        }
        if (!asked.isEmpty() && times == 1) {
            // All of them at once: each that goes before the others makes those wait for the next turn of all
            // identifiers.
            return false;
        }
        int last = ids.last();
        boolean known = released.get(ids.next());
        ids.continueAfter(last);
        if (!known && asked.isEmpty()) {
            times = 0;
            release(now);
        }
        return known;
    }

    private void release(long now) {
        int last = ids.last();
        for (int i = 0; i < BATCH && !ids.exhausted(); i++) {
            int next = ids.next();
            if (released.get(next)) {
                break;
            }
            ids.add(next, RESERVED);
            asked.set(next);
            effects.transmit().pubRel(next, ReasonCode.SUCCESS, Properties.NONE, false);
        }
        ids.continueAfter(last);
        times++;
        if (times == 1) {
            // Retransmission gives the server no more time.
            timers.set(Timer.RELEASE, now + patienceNanos);
        }
        if (retransmitter != null) {
            repeatAtNanos = retransmitter.retryAt(times, now);
        }
    }

    /** Tries others, if none was answered in time: a second PUBREL could be answered when its identifier is in use again. */
    void retransmit(long now) {
        if (asked.isEmpty()) {
            return;
        }
        if (repeatAtNanos <= now) {
            release(now);
        } else if (retransmitter != null) {
            retransmitter.nearest(repeatAtNanos);
        }
    }

    /** PUBCOMP has come. Returns whether it was asked for here. Whatever it says, nobody waits any more. */
    boolean completed(int packetId, long now) {
        if (!asked.get(packetId)) {
            return false;
        }
        asked.clear(packetId);
        ids.remove(packetId);
        released.set(packetId);
        answers = true;
        failures = 0;
        if (asked.isEmpty() || times > 1) {
            timers.stop(Timer.RELEASE);
        } else {
            timers.set(Timer.RELEASE, now + patienceNanos);
        }
        return true;
    }

    /** A QoS 2 message is about to be sent under this identifier. Returns whether it will be in doubt. */
    boolean doubts(int packetId) {
        boolean doubt = inherited && manner == Manner.UNASKED && !released.get(packetId);
        doubted.set(packetId, doubt);
        return doubt;
    }

    /** A QoS 2 message was finished with PUBCOMP, so its identifier is free. Returns whether the message is in doubt. */
    boolean doubted(int packetId) {
        if (!doubted.get(packetId)) {
            return false;
        }
        doubted.clear(packetId);
        released.set(packetId);
        known.set(packetId);
        return true;
    }

    /**
     * The identifier for a message that is sent now: one that is known to be free if there is one and the message needs it, for
     * the next one may not be.
     */
    int next(boolean exactlyOnce) {
        int packetId = 0;
        if (exactlyOnce && manner == Manner.UNASKED) {
            packetId = Math.max(0, known.nextSetBit(1));
        }
        if (packetId == 0 || ids.get(packetId) != null) {
            packetId = ids.next();
        }
        known.clear(packetId);
        return packetId;
    }

    /**
     * The server did not answer, if it was asked: it is not asked again soon, unless it is one that does answer, or that may have
     * had no time to.
     *
     * @param silent whether it was given time, and not cut off
     */
    void unanswered(boolean silent, String how, long now) {
        if (!asked.isEmpty() && (++failures >= FAILURES || silent && !answers)) {
            remember(now + UNASKED_NANOS, how);
        }
    }

    /** The server has answered a QoS 2 message as it would one of QoS 1. */
    void withoutQos2() {
        if (manner != Manner.WITHOUT_QOS_2) {
            manner = Manner.WITHOUT_QOS_2;
            doubted.clear();
            remember(Timers.NEVER, "it answers QoS 2 with PUBACK");
        }
    }

    private void remember(long until, String how) {
        if (unasked.size() >= SERVERS) {
            unasked.clear();
        }
        unasked.put(server, until);
        effects.event(new ConnectionEvent.ExactlyOnceDoubtful(server, how));
    }

    void disconnected() {
        asked.stream().forEach(ids::remove);
        asked.clear();
    }
}
