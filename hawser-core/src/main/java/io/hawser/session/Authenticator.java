package io.hawser.session;

import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ReasonCode;
import io.hawser.text.Utf8;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import org.jspecify.annotations.Nullable;

/**
 * Enhanced authentication on one connection at a time (MQTT 5.0, section 4.12): whose turn it is, and that the method stays
 * what it was in CONNECT.
 */
final class Authenticator {
    private static final byte[] NO_DATA = {};

    private enum Turn {
        NOBODY,
        BROKER,
        /** The application answers a challenge. */
        CHALLENGED,
        /** The application looks at what the broker said last. */
        CONFIRMED
    }

    private final Effects effects;
    /** Of CONNECT; null if it had none. */
    private @Nullable String method;

    private @Nullable AuthenticationExchange exchange;
    private Turn turn = Turn.NOBODY;

    Authenticator(Effects effects) {
        this.effects = effects;
    }

    /** CONNECT goes out on a new connection, and begins this exchange, or none. */
    void opened(@Nullable AuthenticationExchange first) {
        method = first == null ? null : first.method();
        exchange = first;
        turn = first == null ? Turn.NOBODY : Turn.BROKER;
    }

    /** Begins anew on an accepted connection [MQTT-4.12.1-1]. */
    void begin(AuthenticationExchange again) {
        if (turn != Turn.NOBODY || !again.method().equals(method)) {
            throw new IllegalStateException("a re-authentication with " + again.method() + " cannot begin after "
                    + method + " while it is the turn of " + turn);
        }
        effects.transmit().auth(ReasonCode.REAUTHENTICATE, again.beginning(Properties.NONE));
        exchange = again;
        turn = Turn.BROKER;
    }

    /** Whether an exchange has begun and has not ended. */
    boolean isRunning() {
        return turn != Turn.NOBODY;
    }

    /** The broker wants to know more [MQTT-4.12.0-2]. */
    void challenged(Properties properties) {
        ask(properties, Turn.CHALLENGED);
    }

    /** The broker has heard enough: the application has the last word. */
    void confirmed(Properties properties) {
        ask(properties, Turn.CONFIRMED);
    }

    private void ask(Properties properties, Turn next) {
        AuthenticationExchange asked = exchange;
        if (asked == null || turn != Turn.BROKER) {
            throw new ProtocolException(
                    ReasonCode.PROTOCOL_ERROR, "the broker goes on with the authentication before it was answered");
        }
        requireMethod(properties);
        turn = next;
        byte[] data = properties.binary(Property.AUTHENTICATION_DATA);
        effects.authenticate(asked, data == null ? NO_DATA : data, next == Turn.CONFIRMED);
    }

    /** The broker names the method of CONNECT, or none if that had none [MQTT-4.12.0-5] [MQTT-4.12.0-6]. */
    void requireMethod(Properties properties) {
        String named = properties.text(Property.AUTHENTICATION_METHOD);
        if (method == null && named != null) {
            throw new ProtocolException(
                    ReasonCode.PROTOCOL_ERROR,
                    "the broker names the authentication method '" + Utf8.printable(named)
                            + "' after a CONNECT without one [MQTT-4.12.0-6]");
        }
        if (method != null && !method.equals(named)) {
            throw new ProtocolException(
                    ReasonCode.PROTOCOL_ERROR,
                    "the broker names " + (named == null ? "no authentication method" : "the authentication method '")
                            + (named == null ? "" : Utf8.printable(named) + "'") + " after a CONNECT with '" + method
                            + "' [MQTT-4.12.0-5]");
        }
    }

    /** Whether the application's answer in this exchange is waited for: not if its connection is gone. */
    boolean awaits(AuthenticationExchange answering) {
        return answering == exchange && (turn == Turn.CHALLENGED || turn == Turn.CONFIRMED);
    }

    /**
     * The application has answered.
     *
     * @return whether that was the end of the exchange
     */
    boolean answered(AuthenticationExchange answering, byte @Nullable [] answer) {
        if (turn == Turn.CHALLENGED) {
            effects.transmit().auth(ReasonCode.CONTINUE_AUTHENTICATION, answering.saying(Properties.NONE, answer));
            turn = Turn.BROKER;
            return false;
        }
        turn = Turn.NOBODY;
        exchange = null;
        effects.complete(answering);
        return true;
    }

    void disconnected(MqttException cause) {
        AuthenticationExchange ended = exchange;
        exchange = null;
        method = null;
        turn = Turn.NOBODY;
        if (ended != null) {
            effects.fail(ended, cause);
        }
    }
}
