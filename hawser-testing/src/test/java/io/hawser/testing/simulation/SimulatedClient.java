package io.hawser.testing.simulation;

import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.ConnectResult.Negotiated;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ConnectionException;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Disconnect;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.MessageDroppedException;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.mqtt.StoreException;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.Will;
import io.hawser.session.AuthenticationExchange;
import io.hawser.session.ClientSession;
import io.hawser.session.Effects;
import io.hawser.session.InboundMessage;
import io.hawser.session.PublishRequest;
import io.hawser.session.Rejection;
import io.hawser.session.SubscriptionRequest;
import io.hawser.store.SessionContents.StoredPublish;
import io.hawser.store.SessionLog;
import io.hawser.store.SessionStore;
import io.hawser.wire.PacketDecoder;
import io.hawser.wire.PacketEncoder;
import io.hawser.wire.PacketSink;
import io.hawser.wire.Properties;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The driver of one client: carries out what its machine wants, over the simulated network, and checks it after each call. */
final class SimulatedClient implements Effects {
    static final int MAXIMUM_PACKET_SIZE = 1 << 20;
    private static final Object HANDLER = "handler";
    private static final long PATIENCE_NANOS = 5 * Plan.SECOND;

    private final World world;
    private final String clientId;
    private final String filter;
    /** Null if the session is kept in memory. */
    private final SimulatedDisk disk;

    private final boolean forgets;
    private SessionStore store;
    private final WireRules.Identifiers identifiers = new WireRules.Identifiers();
    private final Publishes publishes;
    private final Handler handler;
    /** What the program asked for and the machine is to get when the log is not behind. */
    private final Deque<Runnable> submitted = new ArrayDeque<>();

    /** Subscriptions, and ends of some, that the program waits for. */
    private final Set<SubscriptionRequest> requests = new LinkedHashSet<>();

    private int suspected;

    private final Outbox outbox = new Outbox();

    private SessionLog log;
    private ClientSession session;
    /** Which machine this is: every restart makes another. */
    private int machine;

    private Link link;
    private WireRules rules;
    private PacketSink sink;
    private PacketEncoder encoder;
    private PacketDecoder spy;
    private boolean closing;
    private boolean blocked;
    private boolean doomed;
    /** The program was told that the store has failed, and has not heard that it works again. */
    private boolean storeFailed;

    private boolean toldOfUnreadable;
    private int attempt;

    /** @param filter what to subscribe to, or null */
    SimulatedClient(World world, String clientId, String filter) {
        this.world = world;
        this.clientId = clientId;
        this.filter = filter;
        publishes = new Publishes(world);
        handler = new Handler(world, this);
        disk = world.plan.storage().onDisk()
                ? new SimulatedDisk(world, this, world.plan.seed() * 31 + clientId.hashCode())
                : null;
        store = disk == null ? SessionStore.inMemory() : disk;
        forgets = disk == null && filter == null && world.plan.forgets();
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
        return session.figures().queued() + submitted.size();
    }

    long nextDeadline() {
        boolean forgotten = world.planted(Plant.LOSES_THE_RECONNECT_TIMER)
                && wasEstablished()
                && session != null
                && session.state() == ConnectionState.WAITING;
        return session == null || forgotten ? Long.MAX_VALUE : session.nextDeadline();
    }

    /** Work that waits is waited for: by a deadline, or by something that is under way to this client. */
    void requireAlive() {
        if (session != null
                && nextDeadline() == Long.MAX_VALUE
                && !world.time.hasEventFor(this)
                && !blocked
                && (publishes.isWaiting() || session.state() != ConnectionState.READY)) {
            throw new Violation(
                    this + ": work waits in " + session.state() + ", nothing is under way, and no timer is set");
        }
    }

    /** What the program or the store of this client still waits for, or null. */
    String open() {
        if (!requests.isEmpty()) {
            return this + " waits for " + requests.iterator().next().filter();
        }
        if (storeFailed && isUp()) {
            return this + " waits for its store, and nobody has said that it works again";
        }
        if (identifiers.hasMetUnreadable() && !toldOfUnreadable) {
            return this + " got what cannot be read, and has told nobody";
        }
        SimulatedState.Stored stored = disk == null ? null : disk.state().open();
        return stored == null ? null : this + " has message " + Ledger.number(stored.message()) + " in its store";
    }

    void start() {
        if (log != null) {
            world.time.in(100 * Plan.MILLI, this, this::start);
            return;
        }
        machine++;
        storeFailed = false;
        world.trace(this + ": starts");
        log = store.open(clientId);
        int owner = machine;
        log.listen(new SessionLog.Listener() {
            @Override
            public void safePositionRose() {
                outbox.release(log);
                performSubmitted();
            }

            @Override
            public void healthChanged() {
                storeChanged(owner);
            }
        });
        if (disk != null) {
            identifiers.restart(disk.state());
        }
        session = new ClientSession(world.plan.session(clientId, world.random.nextLong()), log, this, null);
        blocked = false;
        if (filter != null) {
            session.declare(new SubscriptionRequest(Subscription.to(filter), HANDLER));
            for (String other : world.plan.quirks().filters()) {
                SubscriptionRequest request = new SubscriptionRequest(Subscription.to(other), "another handler");
                requests.add(request);
                session.declare(request);
            }
        }
        session.connect(now());
        after();
        if (world.plan.storage().failures() > 0 && !world.isHealed() && world.random.nextInt(3) == 0) {
            // While what waits is still being read.
            world.time.in(
                    world.random.nextLong(Plan.SECOND),
                    this,
                    () -> failDisk(1 + world.random.nextLong(5 * Plan.SECOND)));
        }
    }

    int setAside() {
        return session == null ? 0 : session.figures().setAside();
    }

    /** How often a request has been suspected. */
    int suspected() {
        return suspected;
    }

    /** The process dies: its machine is forgotten in the middle of everything. */
    void crash() {
        requests.clear();
        publishes.orphaned();
        session = null;
        long survived = disk == null ? 0 : disk.crash();
        world.trace(this + ": crashes; the log had " + position() + " entries and has " + survived);
        outbox.clear(survived);
        ended(survived);
        if (!world.plan.storage().strict()) {
            world.ledger.mayRepeat();
        }
        closeLink();
    }

    /** It is to crash while the disk is at work. */
    void doom() {
        doomed = disk != null;
    }

    void spare() {
        doomed = false;
    }

    /** The program closes the client, which waits for the disk for a while. */
    void stop() {
        world.trace(this + ": stops");
        session.close(Disconnect.normal(), now());
        submitted.forEach(Runnable::run);
        submitted.clear();
        after();
        publishes.closed(new ClientClosedException("the client is closed", null));
        requests.clear();
        session = null;
        closeLink();
        long patience = now() + PATIENCE_NANOS;
        closeLog(patience);
    }

    private void closeLog(long patience) {
        if (!outbox.isEmpty() && now() < patience) {
            world.time.in(10 * Plan.MILLI, this, () -> closeLog(patience));
            return;
        }
        long survived = disk == null ? 0 : disk.close();
        outbox.clear(survived);
        ended(survived);
    }

    private void ended(long survived) {
        publishes.ended(survived);
        submitted.clear();
        if (disk == null) {
            log.close();
        }
        log = null;
        if (forgets) {
            world.trace(this + ": forgets");
            store = SessionStore.inMemory();
            identifiers.forget();
            world.ledger.forgotten();
        }
    }

    /** The disk fails for a while. */
    void failDisk(long nanos) {
        if (disk != null && isUp() && !world.isHealed()) {
            world.trace(this + ": its disk fails for " + nanos / Plan.MILLI + " ms");
            disk.fail(nanos);
        }
    }

    private void storeChanged(int owner) {
        boolean lost = world.planted(Plant.LOSES_THE_RECOVERY_OF_THE_STORE) && log != null && log.failure() == null;
        if (isMachine(owner) && !lost) {
            session.storeChanged(now());
            after();
            performSubmitted();
        }
    }

    private long position() {
        return disk == null ? 0 : disk.position();
    }

    private void closeLink() {
        if (link != null) {
            link.closedByClient();
            link = null;
        }
    }

    /** @param keyed whether its outcome is to be told by a name */
    void publish(Message message, boolean enqueued, boolean keyed) {
        int number = Ledger.number(message);
        Publishes.Request request = new Publishes.Request(message, keyed ? "key " + number : null, enqueued);
        publishes.begun(request);
        if (world.plantedOnce(Plant.LOSES_A_SUBMISSION)) {
            return;
        }
        if (enqueued && world.plantedOnce(Plant.FORGETS_THE_QUEUE)) {
            publishes.accepted(request);
            return;
        }
        submit(() -> {
            world.trace(this + (enqueued ? ": enqueues " : ": publishes ") + number + " at " + message.qos());
            world.ledger.begun(message, keyed);
            session.publish(request, now());
        });
    }

    /** The program subscribes, or unsubscribes, while everything goes on. */
    void request(TopicFilter to, boolean subscribes) {
        SubscriptionRequest request = subscribes
                ? new SubscriptionRequest(Subscription.to(to.pattern()), "another handler")
                : new SubscriptionRequest(to);
        requests.add(request);
        submit(() -> {
            world.trace(this + (subscribes ? ": subscribes to " : ": unsubscribes from ") + to);
            session.request(request, now());
        });
    }

    /** Whether this is the machine that is up. */
    boolean isMachine(int number) {
        return session != null && machine == number;
    }

    void acknowledge(InboundMessage message) {
        session.acknowledge(message, now());
        world.ledger.handled(message.message());
        outbox.whenSafe(0, () -> world.ledger.acknowledged(message.message()));
        after();
    }

    void acknowledgeOther(InboundMessage message) {
        session.acknowledge(message, now());
        after();
    }

    void refuse(InboundMessage message, boolean current) {
        if (current && !world.plan.is5()) {
            rules.refused(message.packetId());
        }
        session.refuse(message, Rejection.UNSPECIFIED, now());
        world.ledger.refused(message.message());
        after();
    }

    void defer(InboundMessage message) {
        session.defer(message, now());
        after();
    }

    private void submit(Runnable submission) {
        submitted.add(submission);
        performSubmitted();
    }

    private void performSubmitted() {
        while (session != null && !submitted.isEmpty()) {
            if (log.isOverloaded()) {
                return;
            }
            submitted.remove().run();
            after();
        }
    }

    void tick() {
        session.tick(now());
        after();
    }

    void block(boolean block) {
        blocked = block;
        if (session != null && !block && !world.planted(Plant.LOSES_WRITABLE)) {
            session.writable(now());
            after();
        }
    }

    void received(Link from, ByteBuffer bytes) {
        if (session != null && from == link) {
            spy.decode(bytes.duplicate(), rules.incoming);
            session.received(bytes, now());
            rules.read();
            after();
        }
    }

    void lost(Link lost, MqttException cause, boolean byPeer) {
        if (session == null || lost != link || world.planted(Plant.LOSES_THE_END_OF_A_CONNECTION)) {
            return;
        }
        world.trace(this + ": link lost");
        link = null;
        session.lost(cause, byPeer, now());
        after();
        if (world.plantedOnce(Plant.BLAMES_A_GOOD_MESSAGE)) {
            publishes.failOne(cause);
        }
    }

    private long now() {
        return world.time.now();
    }

    /** Carries out what one call of the machine asked for, and looks whether the bounds hold. */
    private void after() {
        if (outbox.hasPackets()) {
            if (link == null) {
                throw new Violation("transmitted without a connection");
            }
            session.transmitted(now());
        }
        outbox.endTurn(link, false, log, position());
        if (doomed && !disk.isSafe(position())) {
            doomed = false;
            int owner = machine;
            world.time.in(1 + world.random.nextLong(world.plan.storage().longestSyncNanos()), this, () -> {
                if (isMachine(owner) && !world.isHealed()) {
                    world.restart(this, true);
                }
            });
        }
        // What was set aside for no reason goes back in front of the queue.
        int bound = world.plan.queue().messages() + world.plan.publisherInflight() + suspected;
        // The oldest cannot make room before it has been read.
        boolean exact = !world.plan.queue().dropsOldest() || !log.readsBack();
        if (session.figures().queued() > bound && exact) {
            throw new Violation(session.figures().queued() + " messages are queued, at most " + bound + " may be");
        }
        if (session.figures().inFlight() > world.plan.publisherInflight()) {
            throw new Violation(session.figures().inFlight() + " messages are in flight, the window is "
                    + world.plan.publisherInflight());
        }
    }

    @Override
    public void open(int server, String reference, ProtocolVersion version) {
        int current = ++attempt;
        int owner = machine;
        closing = false;
        world.time.in(world.latency(), this, () -> {
            if (!isMachine(owner) || attempt != current) {
                return;
            }
            if (!world.brokerIsUp()) {
                if (!world.halfOpen()) {
                    session.lost(new ConnectionException("connection refused"), false, now());
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
        rules = new WireRules(
                encoder, identifiers, version, world.plan, world.ledger, disk == null ? null : disk::state);
        sink = world.plant() == Plant.NOTHING ? rules : FaultySink.before(rules, world.plant());
        spy = new PacketDecoder(version, MAXIMUM_PACKET_SIZE);
        spy.tolerant();
        spy.topicAliasMaximum(world.plan.five().clientTopicAliasMaximum());
        blocked = false;
        session.opened(will(), null, null, now());
        after();
    }

    private Will will() {
        boolean wills = world.plan.quirks().has(Quirks.Kind.CLOSES_ON_WILL);
        return wills ? Will.of(Message.of("wills/" + clientId, "gone")) : null;
    }

    @Override
    public void negotiated(Negotiated negotiated, boolean aliases) {
        encoder.topicAliasMaximum(aliases ? negotiated.topicAliasMaximum() : 0);
    }

    @Override
    public PacketSink transmit() {
        if (rules == null || closing) {
            throw new Violation("transmits without a connection");
        }
        return sink;
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
        if (link == null) {
            return;
        }
        if (cause == null || cause instanceof ProtocolException) {
            outbox.endTurn(link, true, log, position());
            link = null;
        } else {
            outbox.dropPackets();
            closeLink();
        }
    }

    @Override
    public InboundMessage inbound(Message message, int packetId, boolean duplicate) {
        return new Handler.Delivered(message, packetId, duplicate);
    }

    @Override
    public void deliver(InboundMessage message, Object[] handlers) {
        boolean others = message.message().topic().startsWith(Quirks.FOREIGN)
                || !List.of(handlers).contains(HANDLER);
        if (others) {
            handler.takeOther(message, machine);
            return;
        }
        handler.take(message, machine);
        if (message.message().qos() == Qos.EXACTLY_ONCE && world.plantedOnce(Plant.HANDLES_TWICE)) {
            handler.take(message, machine);
        }
    }

    @Override
    public void accepted(PublishRequest request) {
        outbox.whenSafe(request.sequence(), () -> publishes.accepted(request));
    }

    @Override
    public void complete(PublishRequest request, PublishResult result) {
        world.trace(this + ": completed " + Ledger.number(Publishes.message(request)));
        if (world.plantedOnce(Plant.KEEPS_A_RESULT)) {
            return;
        }
        publishes.completed(request);
        if (world.plantedOnce(Plant.SETTLES_TWICE)) {
            world.ledger.completed(Publishes.message(request));
        }
    }

    @Override
    public void fail(PublishRequest request, MqttException cause) {
        world.trace(this + ": failed " + Ledger.number(Publishes.message(request)) + ": " + cause);
        if (cause instanceof RequestRejectedException || cause instanceof MessageDroppedException) {
            identifiers.abandon(Ledger.number(Publishes.message(request)));
        }
        publishes.failed(request, cause);
    }

    @Override
    public void concluded(PublishRequest request) {
        int owner = machine;
        outbox.whenSafe(
                request.sequence(),
                () -> world.time.in(1 + world.random.nextLong(Plan.SECOND), this, () -> tell(request, owner)));
    }

    /** The listener hears of an outcome; that it did is submitted as anything else that the program wants. */
    private void tell(PublishRequest request, int owner) {
        if (!isMachine(owner)) {
            return;
        }
        world.trace(this + ": hears of " + request.key());
        publishes.heard(request);
        submit(() -> {
            if (session.state() != ConnectionState.CLOSED) {
                session.heard(request, now());
                publishes.noted(request, position());
            }
        });
    }

    @Override
    public void expect(CompletableFuture<List<StoredPublish>> page) {
        int owner = machine;
        CompletableFuture<?> unused = page.whenComplete((messages, failure) -> {
            if (isMachine(owner) && !world.planted(Plant.LOSES_A_PAGE)) {
                session.read(messages, failure, now());
                after();
            }
        });
    }

    @Override
    public void rolledBack(long lastSafe, StoreException cause) {
        world.trace(this + ": rolled back to " + lastSafe);
        outbox.rollback(lastSafe);
        publishes.rolledBack(lastSafe, cause);
    }

    @Override
    public void complete(SubscriptionRequest request, ReasonCode code, Properties answer) {
        requests.remove(request);
    }

    @Override
    public void fail(SubscriptionRequest request, MqttException cause) {
        requests.remove(request);
        world.trace(this + ": the request for " + request.filter() + " failed: " + cause);
        if (!(cause instanceof ClientClosedException)) {
            requireBad(request.filter(), cause);
        }
    }

    private void requireBad(TopicFilter refused, MqttException cause) {
        boolean mayBeTooLarge = world.plan.quirks().has(Quirks.Kind.PACKET_LIMIT);
        if (!world.plan.quirks().isBad(refused) && !mayBeTooLarge) {
            throw new Violation("the request for " + refused + " failed, and nothing is wrong with it: " + cause);
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
        if (event instanceof ConnectionEvent.RequestSuspected told) {
            suspected++;
            if (told.setAside()) {
                identifiers.reorder();
            }
        }
        if (event instanceof ConnectionEvent.Closed closed && closed.cause() != null) {
            throw new Violation("the client gave up: " + closed.cause());
        }
        if (event instanceof ConnectionEvent.ExactlyOnceDoubtful) {
            world.ledger.exactlyOnceIsInDoubt();
        }
        toldOfUnreadable |= event instanceof ConnectionEvent.MessageUnreadable;
        if (event instanceof ConnectionEvent.StoreFailed || event instanceof ConnectionEvent.StoreRecovered) {
            storeFailed = log.failure() != null;
        }
        if (event instanceof ConnectionEvent.SubscriptionRefused refused) {
            requireBad(refused.subscription().filter(), refused.cause());
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
