package io.hawser.mqtt;

import io.hawser.text.Utf8;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Something a client tells its listener about the connection and what depends on it. */
public sealed interface ConnectionEvent {
    /**
     * An attempt begins: {@link ConnectionState#CONNECTING}. Attempts count from 1 and start over when one succeeds.
     *
     * @param refused the version that the broker did not speak just before, so that {@code version} is tried; else null
     */
    record Connecting(
            String server,
            ProtocolVersion version,
            int attempt,
            @Nullable ProtocolVersion refused) implements ConnectionEvent {}

    /** The broker has accepted: {@link ConnectionState#CONNECTED}. */
    record Connected(String server, ConnectResult result) implements ConnectionEvent {}

    /** Every subscription is acknowledged: {@link ConnectionState#READY}. */
    record Ready(String server) implements ConnectionEvent {}

    /** An attempt failed or the connection ended; {@code cause} is null if this side ended it. */
    record Disconnected(@Nullable MqttException cause) implements ConnectionEvent {}

    /** The next attempt comes after {@code delay}: {@link ConnectionState#WAITING}. */
    record Waiting(Duration delay, MqttException cause) implements ConnectionEvent {}

    /** The client is closed: {@link ConnectionState#CLOSED}; {@code cause} is null if it was asked to. */
    record Closed(@Nullable MqttException cause) implements ConnectionEvent {}

    /** The broker refused a subscription that the client made anew after connecting. */
    record SubscriptionRefused(Subscription subscription, RequestRejectedException cause) implements ConnectionEvent {}

    /**
     * A handler threw, or the reply to a request could not be sent. {@code givenUp} tells whether it was the last attempt and no
     * dead-letter handler took it.
     */
    record DeliveryFailed(Message message, Throwable cause, int attempt, boolean givenUp) implements ConnectionEvent {}

    /** Many received messages are not acknowledged; at {@code limit} the broker stops sending QoS 1 and 2. */
    record WindowFilling(int unacknowledged, int limit) implements ConnectionEvent {}

    /**
     * The session store has failed, and takes no message until it works again ({@code cause} is null then); or it was found
     * damaged when it was opened, and what could not be read was set aside.
     */
    record StoreTrouble(@Nullable StoreException cause) implements ConnectionEvent {}

    /** Connections are closed soon after they open, again and again: another client may use this client identifier. */
    record IdentifierContested(String clientId, int closes) implements ConnectionEvent {
        /** As every record's, control characters escaped. */
        @Override
        public String toString() {
            return "IdentifierContested[clientId=" + Utf8.printable(clientId) + ", closes=" + closes + "]";
        }
    }
}
