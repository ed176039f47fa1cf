package io.hawser.session;

import io.hawser.mqtt.ConnectResult.Negotiated;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.StoreException;
import io.hawser.store.SessionContents.StoredPublish;
import io.hawser.wire.PacketSink;
import io.hawser.wire.Properties;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Everything a {@link ClientSession} wants done, in exactly the order in which it must happen. What it wants remembered goes
 * to its {@link io.hawser.store.SessionLog} between these calls; whoever carries them out holds back what follows a log entry
 * until the entry is safe.
 *
 * <p>No call may call the session back before the session's own method has returned.
 */
public interface Effects {
    /**
     * Open a network connection; the session will encode for this version.
     *
     * @param reference where the server sent its clients instead ({@code host[:port]}), or null
     */
    void open(int server, @Nullable String reference, ProtocolVersion version);

    /**
     * Says what the network connection that is being opened waits for, or the address that an open one leads to; empty if nothing
     * is known.
     */
    default String whereabouts() {
        return "";
    }

    /**
     * The broker has accepted: this is what holds for the packets from now on.
     *
     * @param aliases whether topic aliases may be used, as far as the broker grants them
     */
    void negotiated(Negotiated negotiated, boolean aliases);

    /** Where the packets for the open connection go. */
    PacketSink transmit();

    /** The sink for packets that have come: {@code reader}, or one that looks at them first; asked whenever bytes have come. */
    default PacketSink watched(PacketSink reader) {
        return reader;
    }

    /** Whether the network takes more now; while it does not, publishes wait in the queue. */
    boolean writable();

    /** Drop the network connection, after what has been transmitted. {@code cause} is null if it ends in order. */
    void close(@Nullable MqttException cause);

    /** The application's object for a received message; {@code packetId} is 0 at QoS 0. */
    InboundMessage inbound(Message message, int packetId, boolean duplicate);

    /** Hand a message to these handlers, those that the subscriptions were made with. */
    void deliver(InboundMessage message, Object[] handlers);

    /** The message is in the queue, and in the log if the session is kept. */
    void accepted(PublishRequest request);

    /** The publish has succeeded. */
    void complete(PublishRequest request, PublishResult result);

    /** The publish has failed. */
    void fail(PublishRequest request, MqttException cause);

    /**
     * The outcome of a message with a key is known and logged: tell it when that is safe, unless the message is {@linkplain
     * #rolledBack rolled back} before, and then {@link ClientSession#heard}.
     */
    void concluded(PublishRequest request);

    /** Hand this to {@link ClientSession#read} when it completes. */
    void expect(CompletableFuture<List<StoredPublish>> page);

    /** Acceptances of messages with a higher sequence fail, and their outcomes are not told: the store could not make them safe. */
    void rolledBack(long lastSafe, StoreException cause);

    /**
     * The broker has granted the subscription, or ended it.
     *
     * @param code of this request
     * @param answer of the whole packet
     */
    void complete(SubscriptionRequest request, ReasonCode code, Properties answer);

    /** The subscription or its end was refused, or the client closed. */
    void fail(SubscriptionRequest request, MqttException cause);

    /**
     * Ask the application, which may take its time, for its next step in an exchange: the answer goes to {@link
     * ClientSession#authenticated}, a refusal to {@link ClientSession#unauthenticated}.
     *
     * @param last whether the broker has accepted, so that there is nothing to answer
     */
    void authenticate(AuthenticationExchange exchange, byte[] data, boolean last);

    /** Both sides have accepted. */
    void complete(AuthenticationExchange exchange);

    /** The exchange has ended without success, and with it its connection. */
    void fail(AuthenticationExchange exchange, MqttException cause);

    /** Tell the listener. */
    void event(ConnectionEvent event);

    /** Something odd that is tolerated, for the log file. */
    void tolerated(String what);
}
