package io.hawser.client;

import io.hawser.mqtt.ConnectResult;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Disconnect;
import io.hawser.mqtt.Negotiated;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What publisher, subscriber and client share: the connection to a broker, kept up by itself.
 *
 * <p>Safe for use by many threads. Blocking forms wait for at most {@link #timeout}, may run on virtual threads and inside
 * handlers, and refuse to run on the client's event loop with an {@link IllegalStateException}.
 *
 * <p>A handler may wait for its own client in the blocking forms, and for the futures of the others one by one: meanwhile,
 * the network is read even if handlers are behind. Waiting for what {@link CompletableFuture#allOf} makes of them hides that
 * from the client, and may then never end.
 */
public interface MqttEndpoint extends AutoCloseable {
    /**
     * Begins to connect, and to connect again whenever the connection is lost, until the client is closed. If the client waits
     * for its next attempt, that begins at once.
     *
     * @return what the broker said, when the client is {@link ConnectionState#READY}: accepted, and every subscription that is
     *     wanted acknowledged or refused. At once if it is that already; if the connection is lost, with the next. Fails with what
     *     ends the client before, or, once it is closed, with a {@code ClientClosedException} whose cause that is
     */
    CompletableFuture<ConnectResult> connectAsync();

    /**
     * As {@link #connectAsync}, and waits.
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
     * Ends the wait before the next attempt to connect ({@link ConnectionState#WAITING}), for a program that knows that network or
     * broker are back. Does nothing in any other state: an attempt that runs goes on, and a client that was not told to connect
     * does not.
     */
    void connectNow();

    /**
     * Authenticates again on the connection that is there, while messages go on (MQTT 5.0). If it fails, on either side or
     * for taking longer than the connect timeout, the connection ends, and the client connects again.
     *
     * @return done when both sides have accepted; fails with an {@link IllegalStateException} if the client was built without
     *     authentication, or does it already, else with what ended the connection
     */
    CompletableFuture<Void> reauthenticateAsync();

    /**
     * As {@link #reauthenticateAsync}, and waits.
     *
     * @throws IllegalStateException if the client was built without authentication, or is doing it already
     * @throws io.hawser.mqtt.ConnectionException if there is no connection, or it was lost
     * @throws io.hawser.mqtt.BrokerDisconnectException if the broker refused
     * @throws io.hawser.mqtt.ProtocolException if the program's side refused the broker
     */
    default void reauthenticate() {
        Blocking.on(this, this::reauthenticateAsync, timeout(), "reauthenticate");
    }

    /** Where the client stands now. */
    ConnectionState state();

    /** What holds for the connection: what the broker granted last; null before any broker has accepted. */
    @Nullable
    Negotiated negotiated();

    /** What the client has counted. */
    Statistics statistics();

    /** The client identifier. */
    String clientId();

    /** The longest time that a blocking form waits. */
    Duration timeout();

    /**
     * Lets running handlers finish, and what was published before leave: waits until it is acknowledged, for at most the builder's
     * {@code closeTimeout} and only with a connection. Then says goodbye to the broker (DISCONNECT, so that the will is not
     * published), and ends. What is not answered by then fails with a {@code ClientClosedException}; of publishes that no kept
     * session holds, the number is told as {@code PublishesGivenUp}. Never fails; idempotent.
     */
    CompletableFuture<Void> closeAsync();

    /**
     * As {@link #closeAsync()}, and asks the broker to keep its side of the session for another time than {@code session(...)} on
     * the builder said, or with 0 to forget it now. MQTT 3.x cannot say it: there it is left out. The store is not touched.
     *
     * @param sessionExpiry 0 to 136 years, in whole seconds; 0 for a session that is not kept (3.14.2.2.2)
     */
    CompletableFuture<Void> closeAsync(Duration sessionExpiry);

    /**
     * As {@link #closeAsync()}, in this way: with the will published, with a reason, or waiting for another time. Of two calls, the
     * first counts; except that a later one that waits for nothing ({@code timeout} 0) ends the waiting.
     *
     * @throws IllegalArgumentException if it asks to keep a session that is not kept (3.14.2.2.2)
     */
    CompletableFuture<Void> closeAsync(Disconnect how);

    /**
     * As {@link #closeAsync()}, and waits; inside a handler and on the event loop it does not wait. An interrupt does not end the
     * waiting, and is seen afterwards.
     *
     * @throws io.hawser.mqtt.OperationTimeoutException if closing takes longer than {@link #timeout} beyond {@code closeTimeout}
     */
    @Override
    void close();

    /** As {@link #closeAsync(Disconnect)}, and waits as {@link #close()} does. */
    void close(Disconnect how);
}
