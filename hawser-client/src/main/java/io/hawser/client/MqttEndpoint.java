package io.hawser.client;

import io.hawser.mqtt.BrokerProfile;
import io.hawser.mqtt.ConnectResult;
import io.hawser.mqtt.ConnectResult.Negotiated;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Disconnect;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The common part of publisher, subscriber and client: a connection to a broker, which the client keeps up by itself.
 *
 * <p>Safe for use by many threads. Blocking forms wait for at most {@link #timeout}, may run on virtual threads and
 * inside handlers, and throw an {@link IllegalStateException} on a client's event loop.
 *
 * <p>A handler may wait for its own client: in the blocking forms, and for the futures of the asynchronous forms one by
 * one. While a handler waits, the network is read even if handlers are behind. A wait for
 * {@link CompletableFuture#allOf} of such futures is hidden from the client, and may never end.
 */
public interface MqttEndpoint extends AutoCloseable {
    /**
     * Begins to connect, and to connect again whenever the connection is lost, until the client is closed. If a
     * reconnect delay is running, the next attempt begins at once.
     *
     * @return completes when the client is {@link ConnectionState#READY}: the broker has accepted the connection, and
     *     has answered every subscription that the client wants. If the connection is lost before, the future completes
     *     with the next connection. If the client ends before, the future fails with the cause; for a client that has
     *     ended already, with a {@code ClientClosedException} that has this cause
     */
    CompletableFuture<ConnectResult> connectAsync();

    /**
     * Connects as {@link #connectAsync} does, and waits until the client is ready.
     *
     * @throws io.hawser.mqtt.OperationTimeoutException if the client is not ready in time; it goes on trying
     * @throws io.hawser.mqtt.OperationInterruptedException if the thread is interrupted; the client goes on trying
     * @throws io.hawser.mqtt.ClientClosedException if the client is closed
     * @throws io.hawser.mqtt.MqttException if the client cannot go on, such as {@code RequestRejectedException}
     */
    default ConnectResult connect() {
        return Blocking.on(this, this::connectAsync, timeout(), "connect");
    }

    /**
     * Ends the reconnect delay ({@link ConnectionState#WAITING}), for a program that knows that network or broker are
     * back. Does nothing in any other state: a running attempt goes on, and a client that was not told to connect stays
     * unconnected.
     */
    void connectNow();

    /**
     * Authenticates again on the open connection, while messages go on (MQTT 5.0, 4.12.1). If that fails on either
     * side, or takes longer than the connect timeout, the connection ends and the client connects again.
     *
     * @return completes when both sides have accepted; fails with an {@link IllegalStateException} if the client was
     *     built without authentication or a re-authentication is running, otherwise with the cause for which the
     *     connection ended
     */
    CompletableFuture<Void> reauthenticateAsync();

    /**
     * Authenticates again as {@link #reauthenticateAsync} does, and waits.
     *
     * @throws IllegalStateException if the client was built without authentication, or a re-authentication is running
     * @throws io.hawser.mqtt.ConnectionException if there is no connection, or it was lost
     * @throws io.hawser.mqtt.BrokerDisconnectException if the broker refused
     * @throws io.hawser.mqtt.ProtocolException if the program's side rejected the broker
     */
    default void reauthenticate() {
        Blocking.on(this, this::reauthenticateAsync, timeout(), "reauthenticate");
    }

    /**
     * Sets from now on how many PUBLISH packets, and bytes of them, may be sent in a second, in place of the numbers of
     * the builder's {@link BrokerProfile}; {@link BrokerProfile#UNLIMITED} is no limit. For a program that shares a
     * thin line, or has been told of another quota.
     *
     * @throws IllegalArgumentException if a number is out of the bounds of
     *     {@link BrokerProfile#publishesPerSecond(int)} or {@link BrokerProfile#bytesPerSecond(long)}
     */
    void pace(int publishesPerSecond, long bytesPerSecond);

    /** The client's state now. */
    ConnectionState state();

    /** The terms of the last connection, as CONNACK granted them; null until a broker has accepted a connection. */
    @Nullable
    Negotiated negotiated();

    /** The client's figures now. */
    Statistics statistics();

    /** The client identifier: the builder's, or the one that the broker assigned. */
    String clientId();

    /** The longest wait of a blocking form ({@link MqttBuilder#timeout}). */
    Duration timeout();

    /**
     * Changes {@link MqttBuilder#timeout} for the calls that begin from now on. This and the other changes of a living
     * client may be called on any thread, check what they are given as the builder does, hold until the next change,
     * and do nothing on a client that is closed.
     *
     * @throws IllegalArgumentException if the value is out of the builder's range
     */
    void timeout(Duration timeout);

    /**
     * Changes {@link MqttBuilder#connectTimeout} from the next attempt to connect, or the next re-authentication, on;
     * one that runs keeps its deadline.
     *
     * @throws IllegalArgumentException if the value is out of the builder's range
     */
    void connectTimeout(Duration connectTimeout);

    /**
     * Changes {@link MqttBuilder#pingTimeout} from the next PINGREQ on; one that waits for its PINGRESP keeps its
     * deadline unless something else comes or leaves meanwhile.
     *
     * @throws IllegalArgumentException if the value is out of the builder's range
     */
    void pingTimeout(Duration pingTimeout);

    /**
     * Changes {@link MqttBuilder#closeTimeout} for a close that begins from now on.
     *
     * @throws IllegalArgumentException if the value is out of the builder's range
     */
    void closeTimeout(Duration closeTimeout);

    /**
     * Changes {@link MqttBuilder#unansweredAfter} at once: a request that is older already is told now, even if it was
     * told before.
     *
     * @throws IllegalArgumentException if the value is out of the builder's range
     */
    void unansweredAfter(Duration unansweredAfter);

    /**
     * Closes the client. Running handlers finish, and publishes accepted before may still leave: the client waits until
     * they are settled, for at most the builder's {@code closeTimeout} without progress and only with a connection.
     * Then it sends DISCONNECT, so that the broker does not publish the will, waits as long for the broker to take
     * everything and close its side, and ends; what cannot be known to have arrived is told as {@code OutputGivenUp}.
     * Requests without an answer then fail with a
     * {@code ClientClosedException}; the number of publishes that are lost because no kept session holds them is told
     * as {@code PublishesGivenUp}. Idempotent.
     *
     * @return completes when the client has ended; never fails
     */
    CompletableFuture<Void> closeAsync();

    /**
     * Closes as {@link #closeAsync()} does, and asks the broker to keep its side of the session for another time than
     * {@code session(...)} on the builder said, or with 0 to forget it now. MQTT 3.x cannot say that, and the time is
     * ignored there. The session store is not touched.
     *
     * @param sessionExpiry 0 to 136 years, in whole seconds; must be 0 for a session that is not kept (3.14.2.2.2)
     * @throws IllegalArgumentException if it is out of range, or not 0 for a session that is not kept
     */
    CompletableFuture<Void> closeAsync(Duration sessionExpiry);

    /**
     * Closes as {@link #closeAsync()} does, with the options of {@code how}: the will published, a reason, another
     * close timeout, another session expiry. Of several calls the first one's options count; only a later call with
     * {@code timeout} 0 ends the waiting.
     *
     * @throws IllegalArgumentException if {@code how} asks to keep a session that is not kept (3.14.2.2.2)
     */
    CompletableFuture<Void> closeAsync(Disconnect how);

    /**
     * Closes as {@link #closeAsync()} does, and waits for the end; inside a handler and on the event loop it does not
     * wait. An interrupt does not end the wait; the interrupt flag is set afterwards.
     *
     * @throws io.hawser.mqtt.OperationTimeoutException if closing takes longer than {@link #timeout} beyond twenty
     *     times {@code closeTimeout}
     */
    @Override
    void close();

    /** Closes as {@link #closeAsync(Disconnect)} does, and waits as {@link #close()} does. */
    void close(Disconnect how);
}
