package io.hawser.mqtt;

import io.hawser.text.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * User name and password for CONNECT. Before MQTT 5.0 a password needs a user name [MQTT-3.1.2-22]. The password is
 * never shown: not by {@code toString}, in logs or in exceptions. Immutable.
 */
public final class Credentials {
    /** The longest password, in bytes. */
    public static final int MAXIMUM_PASSWORD = 65_535;

    private final @Nullable String userName;
    private final byte @Nullable [] password;

    private Credentials(@Nullable String userName, byte @Nullable [] password) {
        if (userName != null) {
            Utf8.requireSendable("user name", userName);
        }
        if (password != null && password.length > MAXIMUM_PASSWORD) {
            throw new IllegalArgumentException(
                    "password has " + password.length + " bytes, must have at most " + MAXIMUM_PASSWORD);
        }
        this.userName = userName;
        this.password = password;
    }

    /** A user name without a password. */
    public static Credentials of(String userName) {
        return new Credentials(Objects.requireNonNull(userName, "userName"), null);
    }

    /** A user name with a password, sent in UTF-8. */
    public static Credentials of(String userName, String password) {
        return of(userName, password.getBytes(StandardCharsets.UTF_8));
    }

    /** A user name with a binary password, such as a token; the array is copied. */
    public static Credentials of(String userName, byte[] password) {
        return new Credentials(Objects.requireNonNull(userName, "userName"), password.clone());
    }

    /** A password without a user name, such as a token (MQTT 5.0); the array is copied. */
    public static Credentials ofPassword(byte[] password) {
        return new Credentials(null, password.clone());
    }

    /** The user name, or null if there is none. */
    public @Nullable String userName() {
        return userName;
    }

    /** A copy of the password, or null if there is none. */
    public byte @Nullable [] password() {
        return password == null ? null : password.clone();
    }

    @Override
    public String toString() {
        return "Credentials[" + (userName == null ? "no user name" : Utf8.printable(userName))
                + (password == null ? "]" : ", password]");
    }
}
