package io.hawser.client.transport;

import static java.util.Map.entry;

import io.hawser.mqtt.ConnectionException;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Says in words what went wrong on the network. */
final class Failures {
    private static final String ALERT = "Received fatal alert: ";
    private static final String REJECTED = "the server rejected this client's certificate, or requires one";

    /** What the alerts of RFC 8446, section 6.2, mean when a server sends them to a client. */
    private static final Map<String, String> ALERTS = Map.ofEntries(
            entry("certificate_required", "the server requires a client certificate"),
            entry("bad_certificate", REJECTED),
            entry("certificate_unknown", REJECTED),
            entry("unsupported_certificate", REJECTED),
            entry("certificate_revoked", "the server says that this client's certificate is revoked"),
            entry("certificate_expired", "the server says that this client's certificate has expired"),
            entry("unknown_ca", "the server does not trust the issuer of this client's certificate"),
            entry("protocol_version", "the server speaks no version of TLS that is allowed here"),
            entry(
                    "handshake_failure",
                    "the server accepts no cipher suite or version that is allowed here, or requires a client certificate"),
            entry("insufficient_security", "the server accepts no cipher suite that is allowed here"),
            entry("no_application_protocol", "the server speaks none of the application protocols that are offered"),
            entry("unrecognized_name", "the server knows no host of this name"));

    private Failures() {}

    /** The target as a user would write it. */
    static String name(String host, int port) {
        return (host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host) + ":" + port;
    }

    static String time(long nanos) {
        long millis = TimeUnit.NANOSECONDS.toMillis(nanos);
        long tenths = (millis + 50) / 100;
        return millis < 1000 ? millis + " ms" : tenths % 10 == 0 ? tenths / 10 + " s" : tenths / 10.0 + " s";
    }

    /** The failure of network or TLS in this, or null if it is something else, such as a mistake in a handler. */
    static @Nullable Throwable network(Throwable failure) {
        return failure instanceof IOException ? failure : null;
    }

    /** What a connection was lost by: told with its address if the network is to blame, else as it is. */
    static Throwable lost(Target target, String address, Throwable failure) {
        Throwable network = network(failure);
        return network == null
                ? failure
                : new ConnectionException(
                        "connection to " + target.name() + " (" + address + ") lost: " + words(network), network);
    }

    static String words(Throwable failure) {
        Throwable inner = network(failure);
        if (inner instanceof NotTlsException) {
            return String.valueOf(inner.getMessage());
        }
        if (inner instanceof SSLException) {
            return tlsWords(inner);
        }
        Throwable told = inner == null ? failure : inner;
        String message = told.getMessage();
        return message == null ? told.getClass().getSimpleName() : message;
    }

    private static String tlsWords(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof ServerNotTrustedException) {
                return String.valueOf(t.getMessage());
            }
        }
        String message = String.valueOf(failure.getMessage());
        int alert = message.indexOf(ALERT);
        if (alert < 0) {
            return "TLS: " + message;
        }
        String name = message.substring(alert + ALERT.length());
        String meaning = ALERTS.get(name);
        return meaning == null ? "the server ended the TLS handshake: " + name : meaning + " (TLS alert " + name + ")";
    }
}
