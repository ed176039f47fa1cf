package io.hawser.session;

import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.ProtocolException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Notices that the same error ends one connection after the other: a packet that the broker must not send, or an exception on the
 * way from the network to the session. No network does that, and trying again soon does not mend it.
 */
final class ErrorLoop {
    /** So many connections in a row are a loop: a broker that is being restarted may make an error once or twice. */
    private static final int CONNECTIONS = 3;

    /** What the last error said, without its numbers, such as identifiers and positions, which differ each time. */
    private @Nullable String last;

    private int connections;

    /**
     * A connection has ended, or an attempt to make one.
     *
     * @param accepted whether the broker had accepted it
     * @return whether this error is to be told now as one that comes again and again: once for each loop
     */
    boolean ended(MqttException cause, Ending ending, boolean accepted) {
        boolean error = cause instanceof ProtocolException || ending == Ending.BROKEN;
        if (!error) {
            if (accepted) {
                last = null;
                connections = 0;
            }
            return false;
        }
        // What cannot be read instead of CONNACK differs with the version that is tried.
        String kind = ending == Ending.UNREADABLE
                ? "CONNACK"
                : Objects.requireNonNullElse(cause.getMessage(), "").replaceAll("[0-9]+", "#");
        connections = kind.equals(last) ? Math.min(connections + 1, CONNECTIONS + 1) : 1;
        last = kind;
        return connections == CONNECTIONS;
    }

    boolean isRunning() {
        return connections >= CONNECTIONS;
    }

    int connections() {
        return connections;
    }
}
