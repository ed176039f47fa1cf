package io.hawser.mqtt;

import java.time.Duration;
import java.util.Objects;

/**
 * Sending again on a live connection what was not acknowledged in time: allowed by MQTT 3.1 and 3.1.1 only, and useful
 * only with gateways that lose packets between client and broker; TCP itself loses none.
 *
 * <p>A request waits for {@code initial}, then twice as long after every repetition. A PUBLISH waits for
 * {@code initial + k · size / bandwidth}, where {@code k} is 1 at first and is multiplied by {@code factor} after every
 * repetition. Up to a tenth is added at random, so that clients do not repeat in step. A QoS 2 PUBLISH is repeated until
 * its PUBREC, then its PUBREL until the PUBCOMP.
 *
 * @param initial 1 to 1,024 s
 * @param bandwidth the estimated bandwidth in bytes per second, at least 1
 * @param factor at least 1
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

    /** Repeats after {@code initial}, reckoning with 10,000 bytes per second and doubling {@code k}. */
    public static Retransmission after(Duration initial) {
        return new Retransmission(initial, 10_000, 2);
    }

    /** This with another estimated bandwidth, in bytes per second. */
    public Retransmission bandwidth(long bytesPerSecond) {
        return new Retransmission(initial, bytesPerSecond, factor);
    }

    /** This with another factor for {@code k}. */
    public Retransmission factor(double factor) {
        return new Retransmission(initial, bandwidth, factor);
    }
}
