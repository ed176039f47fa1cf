package io.hawser.testing.simulation;

import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ConnectionException;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.Negotiated;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.StoreException;
import io.hawser.mqtt.Subscription;
import io.hawser.session.AuthenticationExchange;
import io.hawser.session.ClientSession;
import io.hawser.session.Effects;
import io.hawser.session.InboundMessage;
import io.hawser.session.PublishRequest;
import io.hawser.session.SubscriptionRequest;
import io.hawser.store.SessionLog;
import io.hawser.store.SessionStore;
import io.hawser.store.StoredPublish;
import io.hawser.wire.PacketDecoder;
import io.hawser.wire.PacketEncoder;
import io.hawser.wire.PacketSink;
import io.hawser.wire.Properties;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The driver of one client: carries out what its machine wants, over the simulated network, and checks it after each call. */
final class SimulatedClient implements Effects {
    static final int MAXIMUM_PACKET_SIZE = 1 << 20;
    private static final int ACKNOWLEDGE = 0;
    private static final int REFUSE = 1;
    private static final int DEFER = 2;

    private final World world;
    private final String clientId;
    private final String filter;
    private final SessionStore store = SessionStore.inMemory();
    private final WireRules.Identifiers identifiers = new WireRules.Identifiers();
    private final Set<PublishRequest> unsettled = new LinkedHashSet<>();
    /** The last message of each identifier that went to a handler. */
    private final Map<Integer, InboundMessage> handled = new HashMap<>();

    private final Outbox outbox = new Outbox();

    private SessionLog log;
    private ClientSession session;
    /** Which machine this is: every restart makes another. */
    private int machine;

    private Link link;
    private WireRules rules;
    private PacketEncoder encoder;
    private PacketDecoder spy;
    private boolean closing;
    private boolean blocked;
    private int attempt;

    /** A message in the hands of a handler. */
    private static final class Delivered extends InboundMessage {
        Delivered(Message message, int packetId, boolean duplicate) {
            super(message, packetId, duplicate);
        }
    }

    /** @param filter what to subscribe to, or null */
    SimulatedClient(World world, String clientId, String filter) {
        this.world = world;
        this.clientId = clientId;
        this.filter = filter;
    }

    String id() {
        return clientId;
    }

    /** Whether it has ever heard that a broker accepted it. */
    boolean wasEstablished() {
        return identifiers.established();
    }

    boolean isUp() {
        return session != null;
    }

    boolean isReady() {
        return session != null && session.state() == ConnectionState.READY;
    }

    boolean isLinked() {
        return link != null && !link.isDead();
    }

    /** The connection it has, or null. */
    Link link() {
        return link;
    }

    int queued() {
        return session.figures().queued();
    }

    long nextDeadline() {
        return session == null ? Long.MAX_VALUE : session.nextDeadline();
    }

    void start() {
        machine++;
        world.trace(this + ": starts");
        log = store.open(clientId);
        session = new ClientSession(world.plan.session(clientId, world.random.nextLong()), log, this, null);
        blocked = false;
        if (filter != null) {
            session.declare(new SubscriptionRequest(Subscription.to(filter), "handler"));
        }
        session.connect(now());
        after();
    }

    /** The process dies: its machine is forgotten in the middle of everything. */
    void crash() {
        world.trace(this + ": crashes");
        unsettled.forEach(request -> world.ledger.orphaned(request.message()));
        unsettled.clear();
        forget();
        closeLink();
    }

    /** The program closes the client. */
    void stop() {
        world.trace(this + ": stops");
        session.close(now());
        after();
        if (!unsettled.isEmpty()) {
            throw new Violation("close left requests unsettled: " + unsettled);
        }
        forget();
    }

    private void forget() {
        session = null;
        log.close();
        outbox.take();
    }

    private void closeLink() {
        if (link != null) {
            link.closedByClient();
            link = null;
        }
    }

    void publish(Message message) {
        world.trace(this + ": publishes " + Ledger.number(message) + " at " + message.qos());
        PublishRequest request = new PublishRequest(message);
        unsettled.add(request);
        session.publish(request, now());
        after();
    }

    void tick() {
        session.tick(now());
        after();
    }

    void block(boolean block) {
        blocked = block;
        if (session != null && !block) {
            session.writable(now());
            after();
        }
    }

    void received(Link from, ByteBuffer bytes) {
        if (session != null && from == link) {
            spy.decode(bytes.duplicate(), rules.incoming);
            session.received(bytes, now());
            after();
        }
    }

    void lost(Link lost, MqttException cause) {
        if (session != null && lost == link) {
            world.trace(this + ": link lost");
            link = null;
            session.lost(cause, now());
            after();
        }
    }

    private long now() {
        return world.time.now();
    }

    /** Carries out what one call of the machine asked for, and looks whether the bounds hold. */
    private void after() {
        ByteBuffer bytes = outbox.take();
        if (bytes.hasRemaining()) {
            if (link == null) {
                throw new Violation("transmitted without a connection");
            }
            link.fromClient(bytes);
            session.transmitted(now());
        }
        if (closing) {
            closing = false;
            closeLink();
        }
        int bound = world.plan.queue().messages() + world.plan.publisherInflight();
        if (session.figures().queued() > bound) {
            throw new Violation(session.figures().queued() + " messages are queued, at most " + bound + " may be");
        }
        if (session.figures().inflight() > world.plan.publisherInflight()) {
            throw new Violation(session.figures().inflight() + " messages are in flight, the window is "
                    + world.plan.publisherInflight());
        }
    }

    @Override
    public void open(int server, String reference, ProtocolVersion version) {
        int current = ++attempt;
        int owner = machine;
        closing = false;
        world.time.in(world.latency(), () -> {
            if (session == null || machine != owner || attempt != current) {
                return;
            }
            if (!world.brokerIsUp()) {
                if (!world.halfOpen()) {
                    session.lost(new ConnectionException("connection refused"), now());
                    after();
                }
                return;
            }
            opened(version);
        });
    }

    private void opened(ProtocolVersion version) {
        link = new Link(world, this, world.broker);
        encoder = new PacketEncoder(version, outbox);
        rules = new WireRules(encoder, identifiers, version, world.plan, world.ledger);
        spy = new PacketDecoder(version, MAXIMUM_PACKET_SIZE);
        spy.topicAliasMaximum(world.plan.five().clientTopicAliasMaximum());
        blocked = false;
        session.opened(null, null, now());
        after();
    }

    @Override
    public void negotiated(Negotiated negotiated) {
        encoder.topicAliasMaximum(negotiated.topicAliasMaximum());
    }

    @Override
    public PacketSink transmit() {
        if (rules == null || closing) {
            throw new Violation("transmits without a connection");
        }
        return rules;
    }

    @Override
    public boolean writable() {
        return !blocked;
    }

    @Override
    public void close(MqttException cause) {
        world.trace(this + ": closes the link: " + cause);
        closing = true;
        attempt++;
    }

    @Override
    public InboundMessage inbound(Message message, int packetId, boolean duplicate) {
        return new Delivered(message, packetId, duplicate);
    }

    @Override
    public void deliver(InboundMessage message, Object[] handlers) {
        world.trace(this + ": handles " + Ledger.number(message.message()) + " #" + message.packetId());
        world.ledger.delivered(message.message(), machine);
        handled.put(message.packetId(), message);
        handle(message, machine, world.plan.refuses() ? world.random.nextInt(10) : ACKNOWLEDGE);
    }

    /** The handler returns after some time; what it does then is given. */
    private void handle(InboundMessage message, int owner, int deed) {
        world.time.in(1 + world.random.nextLong(world.plan.handlerNanos()), () -> {
            if (session == null || machine != owner) {
                return;
            }
            if (deed == REFUSE && !world.isHealed()) {
                world.trace(this + ": refuses " + Ledger.number(message.message()));
                if (handled.get(message.packetId()) == message && !world.plan.is5()) {
                    rules.refused(message.packetId());
                }
                session.refuse(message, now());
                world.ledger.refused(message.message());
            } else if (deed == DEFER) {
                session.defer(message, now());
                handle(message, owner, ACKNOWLEDGE);
            } else {
                world.trace(this + ": acknowledges " + Ledger.number(message.message()));
                session.acknowledge(message, now());
                world.ledger.acknowledged(message.message());
            }
            after();
        });
    }

    @Override
    public void accepted(PublishRequest request) {
        world.ledger.accepted(request.message());
    }

    @Override
    public void complete(PublishRequest request, PublishResult result) {
        world.trace(this + ": completed " + Ledger.number(request.message()));
        if (unsettled.remove(request)) {
            world.ledger.completed(request.message());
        }
    }

    @Override
    public void fail(PublishRequest request, MqttException cause) {
        world.trace(this + ": failed " + Ledger.number(request.message()) + ": " + cause);
        boolean kept =
                cause instanceof ClientClosedException && request.message().qos() != Qos.AT_MOST_ONCE;
        if (unsettled.remove(request)) {
            world.ledger.failed(request.message(), kept, cause);
        } else if (!kept) {
            world.ledger.dropped(request.message(), cause);
        }
    }

    @Override
    public void concluded(PublishRequest request) {
        throw new Violation("nothing here has a key, but was concluded: " + request.message());
    }

    @Override
    public void expect(CompletableFuture<List<StoredPublish>> page) {
        throw new Violation("a store in memory was asked for a page");
    }

    @Override
    public void rolledBack(long lastSafe, StoreException cause) {
        throw new Violation("a store in memory was rolled back");
    }

    @Override
    public void complete(SubscriptionRequest request, Qos granted, Properties answer) {}

    @Override
    public void fail(SubscriptionRequest request, MqttException cause) {
        if (!(cause instanceof ClientClosedException)) {
            throw new Violation("the subscription failed: " + cause);
        }
    }

    @Override
    public void authenticate(AuthenticationExchange exchange, byte[] data, boolean last) {
        throw new Violation("nobody authenticates");
    }

    @Override
    public void complete(AuthenticationExchange exchange) {}

    @Override
    public void fail(AuthenticationExchange exchange, MqttException cause) {}

    @Override
    public void event(ConnectionEvent event) {
        world.trace(this + ": " + event);
        if (event instanceof ConnectionEvent.Closed closed && closed.cause() != null) {
            throw new Violation("the client gave up: " + closed.cause());
        }
    }

    @Override
    public void tolerated(String what) {
        world.trace(this + ": tolerates " + what);
    }

    @Override
    public String toString() {
        return clientId + "/" + machine;
    }
}
