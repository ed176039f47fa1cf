package io.hawser.session;

import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ReasonCode;
import java.util.BitSet;

/**
 * The limit on what a broker of MQTT 5.0 may have in flight (Receive Maximum): identifiers count from PUBLISH to PUBACK, PUBCOMP or
 * a refusing PUBREC. Brokers exist that send some more than they may, Mosquitto 2.0 for one: leaving would only make them send all
 * again, so twice the limit or {@value #LEAST_TOLERATED} more are borne.
 */
final class ReceiveMaximum {
    /** So many messages beyond a small limit are tolerated: what brokers send before they look at it. */
    private static final int LEAST_TOLERATED = 64;

    private final int limit;
    private final Effects effects;
    private BitSet inFlight = ReceivedIds.NONE;
    private int size;
    private int connection;
    /** The last connection that was left because the broker was far beyond the limit. */
    private int leftOn = -1;

    private boolean told;
    private long beyondCount;

    ReceiveMaximum(int limit, Effects effects) {
        this.limit = limit;
        this.effects = effects;
    }

    int limit() {
        return limit;
    }

    /** On another connection, nothing is in flight. */
    void connected() {
        inFlight.clear();
        size = 0;
        connection++;
    }

    void count(int packetId) {
        if (!inFlight.get(packetId)) {
            inFlight = ReceivedIds.with(packetId, inFlight);
            if (++size > limit) {
                beyond();
            }
        }
    }

    void uncount(int packetId) {
        if (size > 0 && inFlight.get(packetId)) {
            inFlight.clear(packetId);
            size--;
        }
    }

    private void beyond() {
        beyondCount++;
        int tolerated = limit + Math.max(limit, LEAST_TOLERATED);
        if (size > tolerated && connection - leftOn > 1) {
            leftOn = connection;
            throw new ProtocolException(
                    ReasonCode.RECEIVE_MAXIMUM_EXCEEDED,
                    "PUBLISH is number " + size + " in flight, far beyond the receive maximum of " + limit
                            + " [MQTT-3.3.4-9]");
        }
        if (!told) {
            told = true;
            effects.event(new ConnectionEvent.ReceiveMaximumExceeded(limit));
        }
    }

    /** How many messages came beyond the limit. */
    long beyondCount() {
        return beyondCount;
    }
}
