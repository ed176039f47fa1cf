package io.hawser.session;

import io.hawser.text.Utf8;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import org.jspecify.annotations.Nullable;

/** One exchange of enhanced authentication, as the session sees it: what is said first, and whose answers are waited for. */
public class AuthenticationExchange {
    private final String method;
    private final byte @Nullable [] first;

    /**
     * @param first the data of CONNECT, or of the AUTH that begins a re-authentication, or null
     * @throws IllegalArgumentException if method or data cannot be sent
     */
    public AuthenticationExchange(String method, byte @Nullable [] first) {
        Utf8.encode("authentication method", method);
        this.method = method;
        this.first = requireFitting(first);
    }

    /** @throws IllegalArgumentException if the data cannot be sent */
    public static byte @Nullable [] requireFitting(byte @Nullable [] data) {
        if (data != null && data.length > Utf8.MAXIMUM_BYTES) {
            throw new IllegalArgumentException(
                    "authentication data have " + data.length + " bytes, must have at most " + Utf8.MAXIMUM_BYTES);
        }
        return data;
    }

    final String method() {
        return method;
    }

    /** These properties with the method and what is said first. */
    final Properties beginning(Properties properties) {
        return saying(properties, first);
    }

    /** These properties with the method, and with data if there are any. */
    final Properties saying(Properties properties, byte @Nullable [] data) {
        Properties named = properties.with(Property.AUTHENTICATION_METHOD, method);
        return data == null ? named : named.with(Property.AUTHENTICATION_DATA, data);
    }
}
