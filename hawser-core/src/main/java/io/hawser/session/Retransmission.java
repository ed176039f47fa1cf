package io.hawser.session;

import java.time.Duration;
import java.util.Objects;

/**
 * When a request that is not acknowledged is sent again on a live connection, for MQTT 3.1 and 3.1.1: after {@code initial},
 * then after twice as long each time; a PUBLISH after {@code initial + k · size / bandwidth}, where {@code k} is 1 at first
 * and is multiplied by {@code factor} each time.
 *
 * @param initial 1 to 1,024 s
 * @param bandwidth the estimated bandwidth in bytes per second, at least 1
 * @param factor 1 to 1,024
 */
public record Retransmission(Duration initial, long bandwidth, double factor) {
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofSeconds(1024);

    public Retransmission {
        Objects.requireNonNull(initial, "initial");
        if (initial.compareTo(SHORTEST) < 0 || initial.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("retransmission initial is " + initial + ", must be 1 s to 1024 s");
        }
        if (bandwidth < 1) {
            throw new IllegalArgumentException(
                    "retransmission bandwidth is " + bandwidth + ", must be at least 1 byte per second");
        }
        if (!(factor >= 1 && factor <= 1024)) {
            throw new IllegalArgumentException("retransmission factor is " + factor + ", must be 1 to 1024");
        }
    }
}
