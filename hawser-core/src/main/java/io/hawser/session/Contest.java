package io.hawser.session;

import io.hawser.mqtt.BrokerDisconnectException;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.ReasonCode;
import java.time.Duration;

/**
 * Notices that another client uses the same identifier: the broker says so in DISCONNECT, or it closes one connection after the
 * other soon after CONNACK while nothing was outstanding, so that no request of this client explains it.
 */
final class Contest {
    /** A connection that ends this soon after CONNACK may have been pushed aside by another's. */
    private static final long SOON_NANOS = Duration.ofSeconds(5).toNanos();
    /** So many in a row are a contest: one or two may be a bad network, or a client that takes another's place for good. */
    private static final int ENDS = 3;

    private int ends;

    /**
     * A connection that the broker had accepted has ended.
     *
     * @param lasted since CONNACK, in nanoseconds
     * @param outstanding whether a request of this client waited for its answer
     * @return how many in a row have ended so, if that is to be told now: once for each contest; else 0
     */
    int ended(MqttException cause, Ending ending, long lasted, boolean outstanding) {
        boolean takenOver = cause instanceof BrokerDisconnectException disconnect
                && disconnect.reasonCode() == ReasonCode.SESSION_TAKEN_OVER;
        boolean pushedAside = takenOver || ending == Ending.CUT && !outstanding && lasted <= SOON_NANOS;
        ends = pushedAside ? Math.min(ends + 1, ENDS + 1) : 0;
        return ends == ENDS ? ends : 0;
    }
}
