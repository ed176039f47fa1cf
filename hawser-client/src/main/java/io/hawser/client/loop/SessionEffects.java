package io.hawser.client.loop;

import io.hawser.client.auth.ClientExchange;
import io.hawser.client.auth.ExchangeListener;
import io.hawser.client.delivery.Dispatcher;
import io.hawser.client.delivery.HandlerContext;
import io.hawser.client.delivery.InboundDelivery;
import io.hawser.client.delivery.Reports;
import io.hawser.mqtt.ConnectResult.Negotiated;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.StoreException;
import io.hawser.session.AuthenticationExchange;
import io.hawser.session.ClientSession;
import io.hawser.session.Effects;
import io.hawser.session.InboundMessage;
import io.hawser.session.PublishRequest;
import io.hawser.session.SubscriptionRequest;
import io.hawser.store.SessionContents.StoredPublish;
import io.hawser.wire.PacketEncoder;
import io.hawser.wire.PacketSink;
import io.hawser.wire.PacketTrace;
import io.hawser.wire.Properties;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The effects of a {@link ClientSession} as I/O: packets go to the connection, messages to the handlers, outcomes to
 * their futures. On the client's event loop.
 */
public final class SessionEffects implements Effects {
    private static final Logger LOG = LoggerFactory.getLogger(SessionEffects.class);
    /** The documented logger of packets: a line for each, at TRACE. */
    private static final Logger PACKETS = LoggerFactory.getLogger("io.hawser.packets");

    /** The owner of the session. */
    interface Owner extends ExchangeListener, HandlerContext {
        /** Notes that a page of the queue has been read, or could not be. */
        void read(@Nullable List<StoredPublish> page, @Nullable Throwable failure);

        /** Notes that the broker has accepted the connection. */
        void accepted();

        /** Notes that the session has ended, in the turn that runs. */
        void ended(@Nullable MqttException cause);
    }

    private final Owner owner;
    private final ClientConfig config;
    private final LoopListener client;
    private final Executor background;
    private final Dispatcher dispatcher;
    private final CommitGate gate;
    private final Network network;
    /** The number of QoS 0 messages dropped because handlers were behind. */
    private long dropped;

    private @Nullable PacketEncoder encoder;
    /** The encoder, or the trace before it. */
    private @Nullable PacketSink sink;

    private boolean tracesPackets;

    /** @param background runs tasks that may block */
    SessionEffects(
            Owner owner,
            ClientConfig config,
            LoopListener client,
            Executor background,
            Dispatcher dispatcher,
            CommitGate gate,
            Network network) {
        this.owner = owner;
        this.config = config;
        this.client = client;
        this.background = background;
        this.dispatcher = dispatcher;
        this.gate = gate;
        this.network = network;
    }

    @Override
    public void open(int server, @Nullable String reference, ProtocolVersion version) {
        encoder = new PacketEncoder(version, gate.buffer());
        tracePackets(PACKETS.isTraceEnabled());
        network.open(config.servers.get(server), reference);
    }

    @Override
    public String whereabouts() {
        return network.whereabouts();
    }

    @Override
    public boolean writable() {
        return gate.writable();
    }

    @Override
    public PacketSink transmit() {
        gate.letOutEarly();
        return Objects.requireNonNull(sink, "encoder");
    }

    /** Looks whether packets are traced, once for all that have come together, so that a packet costs nothing more. */
    @Override
    public PacketSink watched(PacketSink reader) {
        boolean traces = PACKETS.isTraceEnabled();
        if (traces != tracesPackets) {
            tracePackets(traces);
        }
        return traces
                ? PacketTrace.receiving(
                        reader, line -> PACKETS.trace("client '{}' received {}", client.printableId(), line))
                : reader;
    }

    private void tracePackets(boolean traces) {
        tracesPackets = traces;
        PacketEncoder writer = encoder;
        sink = traces && writer != null
                ? PacketTrace.sending(writer, line -> PACKETS.trace("client '{}' sent {}", client.printableId(), line))
                : writer;
    }

    @Override
    public void close(@Nullable MqttException cause) {
        // The last packets are to reach the broker, unless the connection is of no use any more.
        network.close(cause == null || cause instanceof ProtocolException);
    }

    @Override
    public void negotiated(Negotiated negotiated, boolean aliases) {
        if (encoder != null) {
            int most = Math.min(config.topicAliases, config.session.broker.topicAliases());
            encoder.topicAliasMaximum(aliases ? Math.min(negotiated.topicAliasMaximum(), most) : 0);
            encoder.maximumPacketSize(negotiated.maximumPacketSize());
        }
        client.negotiated(negotiated);
        owner.accepted();
    }

    @Override
    public InboundMessage inbound(Message message, int packetId, boolean duplicate) {
        return client.delivery(owner, message, packetId, duplicate);
    }

    @Override
    public void deliver(InboundMessage message, Object[] handlers) {
        InboundDelivery delivery = (InboundDelivery) message;
        Object[] inTurn = client.takeReply(delivery, handlers);
        delivery.handlers(inTurn);
        if (inTurn.length == 0) {
            delivery.ack();
        } else if (!dispatcher.offer(delivery)) {
            dropped++;
        }
    }

    /** The number of messages dropped because handlers were behind; for any thread. */
    public long dropped() {
        return dropped;
    }

    @Override
    public void accepted(PublishRequest request) {
        if (request.isEnqueued()) {
            gate.accepted(request);
        }
    }

    @Override
    public void complete(PublishRequest request, PublishResult result) {
        request.complete(result);
    }

    @Override
    public void fail(PublishRequest request, MqttException cause) {
        request.fail(cause);
    }

    @Override
    public void concluded(PublishRequest request) {
        gate.concluded(request);
    }

    @Override
    public void expect(CompletableFuture<List<StoredPublish>> page) {
        CompletableFuture<?> unused =
                page.whenComplete((messages, failure) -> owner.execute(() -> owner.read(messages, failure)));
    }

    @Override
    public void rolledBack(long lastSafe, StoreException cause) {
        gate.rollback(lastSafe, cause);
    }

    @Override
    public void complete(SubscriptionRequest request, ReasonCode code, Properties answer) {
        request.complete(code, answer);
    }

    @Override
    public void fail(SubscriptionRequest request, MqttException cause) {
        request.fail(cause);
    }

    @Override
    public void authenticate(AuthenticationExchange exchange, byte[] data, boolean last) {
        ((ClientExchange) exchange).step(background, owner, data, last);
    }

    @Override
    public void complete(AuthenticationExchange exchange) {
        ((ClientExchange) exchange).done().complete(null);
    }

    @Override
    public void fail(AuthenticationExchange exchange, MqttException cause) {
        ((ClientExchange) exchange).done().completeExceptionally(cause);
    }

    /** Tells an event; also from the handlers' worker. */
    @Override
    public void event(ConnectionEvent event) {
        try {
            client.event(event);
        } catch (Throwable e) {
            // The caller has already taken the step that the event tells of, and must go on.
            Reports.error(LOG, "an event could not be told", e);
        }
        if (event instanceof ConnectionEvent.Closed closed) {
            dispatcher.close(() -> {});
            owner.ended(closed.cause());
        }
    }

    @Override
    public void tolerated(String what) {
        LOG.debug("client '{}' ignores {}", client.printableId(), what);
    }
}
