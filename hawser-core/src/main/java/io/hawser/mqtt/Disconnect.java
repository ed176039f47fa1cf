package io.hawser.mqtt;

import io.hawser.text.Utf8;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The way in which a client leaves its broker.
 *
 * @param publishesWill whether the broker is to publish the will, as if the client had vanished. On MQTT 5.0 DISCONNECT
 *     says so (0x04); on MQTT 3.x the connection ends without DISCONNECT, which means the same
 * @param reasonString the reason in words: at most 65,535 bytes in UTF-8; empty for none. Left out on MQTT 3.x
 * @param userProperties the user properties of DISCONNECT; left out on MQTT 3.x
 * @param sessionExpiry how long the broker is to keep its side of the session from now on, in whole seconds from 0 to
 *     136 years, or null for the value in CONNECT. Left out on MQTT 3.x
 * @param timeout how long to wait until earlier publishes are settled: 0 to 1 h, or null for the builder's
 *     {@code closeTimeout}
 */
public record Disconnect(
        boolean publishesWill,
        String reasonString,
        List<UserProperty> userProperties,
        @Nullable Duration sessionExpiry,
        @Nullable Duration timeout) {
    /** The longest session expiry of MQTT 5.0; this value means for ever. */
    private static final Duration LONGEST_EXPIRY = Duration.ofSeconds(0xFFFF_FFFFL);

    private static final Duration LONGEST_TIMEOUT = Duration.ofHours(1);
    private static final Disconnect NORMAL = new Disconnect(false, "", List.of(), null, null);

    public Disconnect {
        Utf8.encode("reason", Objects.requireNonNull(reasonString, "reason"));
        userProperties = List.copyOf(userProperties);
        requireBetween("session expiry", sessionExpiry, LONGEST_EXPIRY);
        requireBetween("disconnect timeout", timeout, LONGEST_TIMEOUT);
    }

    private static void requireBetween(String option, @Nullable Duration value, Duration most) {
        if (value != null && (value.isNegative() || value.compareTo(most) > 0)) {
            throw new IllegalArgumentException(option + " is " + value + ", must be " + Duration.ZERO + " to " + most);
        }
    }

    /** The normal disconnect, after which the broker forgets the will. */
    public static Disconnect normal() {
        return NORMAL;
    }

    /** A disconnect after which the broker publishes the will. */
    public static Disconnect withWill() {
        return new Disconnect(true, "", List.of(), null, null);
    }

    /** This disconnect with a reason in words (MQTT 5.0). */
    public Disconnect reason(String reason) {
        return new Disconnect(publishesWill, reason, userProperties, sessionExpiry, timeout);
    }

    /** This disconnect with one more user property (MQTT 5.0). */
    public Disconnect userProperty(String name, String value) {
        List<UserProperty> more = new ArrayList<>(userProperties);
        more.add(new UserProperty(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value")));
        return new Disconnect(publishesWill, reasonString, more, sessionExpiry, timeout);
    }

    /** This disconnect with another session expiry than CONNECT said (MQTT 5.0); 0: the broker forgets the session now. */
    public Disconnect sessionExpiry(Duration expiry) {
        return new Disconnect(
                publishesWill, reasonString, userProperties, Objects.requireNonNull(expiry, "session expiry"), timeout);
    }

    /** This disconnect with another wait until earlier publishes are settled; 0 for none. */
    public Disconnect timeout(Duration timeout) {
        return new Disconnect(
                publishesWill, reasonString, userProperties, sessionExpiry, Objects.requireNonNull(timeout, "timeout"));
    }

    /** The components, with control characters escaped. */
    @Override
    public String toString() {
        return "Disconnect[publishesWill=" + publishesWill + ", reason=" + Utf8.printable(reasonString)
                + ", sessionExpiry=" + sessionExpiry + ", timeout=" + timeout + "]";
    }
}
