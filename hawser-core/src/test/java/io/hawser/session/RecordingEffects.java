package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ConnectResult.Negotiated;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.MessageDroppedException;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.mqtt.StoreException;
import io.hawser.store.SessionContents.StoredPublish;
import io.hawser.wire.Outlet;
import io.hawser.wire.PacketEncoder;
import io.hawser.wire.PacketSink;
import io.hawser.wire.Properties;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * Writes down what the session wants done, one line each, and holds it to what every caller relies on: packets only on an
 * open connection, each request settled once, nothing after the end.
 *
 * <p>Packets begin with {@code >}, log entries with {@code log}, events with {@code *}.
 */
final class RecordingEffects implements Effects {
    private final List<String> lines = new ArrayList<>();
    private final List<ConnectionEvent> events = new ArrayList<>();
    private final Set<Object> settled = new HashSet<>();
    final Map<Object, PublishResult> results = new IdentityHashMap<>();
    final Map<Object, Properties> answers = new IdentityHashMap<>();
    final Map<Object, MqttException> failures = new IdentityHashMap<>();
    /** Received messages by the name of their payload, the last of each name. */
    final Map<String, InboundMessage> inbound = new TreeMap<>();

    boolean writable = true;
    /** Set by the machine's owner once the network connection is open. */
    boolean open;

    int server = -1;
    String reference;
    Negotiated negotiated;
    /** Whether the connection may use topic aliases. */
    boolean aliases;

    ProtocolVersion version;
    private boolean opening;
    private boolean ended;
    PacketLines sink;
    private PacketEncoder encoder;
    int transmitted;

    /** Messages with a key whose outcome is to be told. */
    final List<PublishRequest> concluded = new ArrayList<>();
    /** Asked of the log, and not handed to the session yet. */
    final Deque<CompletableFuture<List<StoredPublish>>> pages = new ArrayDeque<>();

    void line(String line) {
        lines.add(line);
    }

    /** What was written down since the last call, without events. */
    List<String> take() {
        List<String> taken =
                lines.stream().filter(line -> !line.startsWith("*")).toList();
        lines.clear();
        return taken;
    }

    /** What was written down since the last call, in one order with the events. */
    List<String> takeAll() {
        List<String> taken = List.copyOf(lines);
        lines.clear();
        return taken;
    }

    /** The packets transmitted since the last call; drops the rest. */
    List<String> packets() {
        return take().stream()
                .filter(line -> line.startsWith("> "))
                .map(line -> line.substring(2))
                .toList();
    }

    List<ConnectionEvent> events() {
        return events;
    }

    <E extends ConnectionEvent> List<E> events(Class<E> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    boolean isSettled(Object request) {
        return settled.contains(request);
    }

    boolean isOpening() {
        return opening;
    }

    /** The broker takes no larger packets. */
    void limit(int maximumPacketSize) {
        encoder.maximumPacketSize(maximumPacketSize);
    }

    void opened() {
        assertThat(opening).as("a connection was asked for").isTrue();
        opening = false;
        open = true;
    }

    void lost() {
        assertThat(open || opening).as("there is a connection to lose").isTrue();
        opening = false;
        open = false;
    }

    @Override
    public void open(int server, String reference, ProtocolVersion version) {
        assertThat(open || opening).as("a connection is still open").isFalse();
        assertThat(ended).isFalse();
        opening = true;
        this.server = server;
        this.reference = reference;
        this.version = version;
        Outlet outlet = new Outlet() {
            @Override
            public ByteBuffer room(int size) {
                return ByteBuffer.allocate(size);
            }

            @Override
            public void append(ByteBuffer bytes) {}
        };
        encoder = new PacketEncoder(version, outlet);
        sink = new PacketLines(this::line, encoder);
        line("open " + (reference == null ? server : reference) + " " + version);
    }

    @Override
    public void negotiated(Negotiated negotiated, boolean aliases) {
        assertThat(open).as("negotiated on an open connection").isTrue();
        this.aliases = aliases;
        this.negotiated = negotiated;
    }

    @Override
    public PacketSink transmit() {
        if (!open) {
            throw new AssertionError("something is transmitted without a connection");
        }
        transmitted++;
        return sink;
    }

    @Override
    public boolean writable() {
        return writable;
    }

    @Override
    public void close(MqttException cause) {
        assertThat(open || opening).as("there is a connection to close").isTrue();
        open = false;
        opening = false;
        line("close" + (cause == null ? "" : " " + cause.getMessage()));
    }

    @Override
    public InboundMessage inbound(Message message, int packetId, boolean duplicate) {
        InboundMessage made = new InboundMessage(message, packetId, duplicate);
        inbound.put(message.text(), made);
        return made;
    }

    @Override
    public void deliver(InboundMessage message, Object[] handlers) {
        line("deliver " + PacketLines.name(message.message())
                + (message.packetId() == 0 ? "" : " #" + message.packetId()) + " to "
                + String.join(
                        "+",
                        Arrays.stream(handlers).map(Object::toString).sorted().toList()));
    }

    @Override
    public void accepted(PublishRequest request) {
        assertThat(settled.contains(request)).isFalse();
        line("accepted " + PacketLines.name(request.message()));
    }

    @Override
    public void complete(PublishRequest request, PublishResult result) {
        settle(request);
        line("complete " + PacketLines.name(request.message())
                + (result.reasonCode() == ReasonCode.SUCCESS ? "" : " " + result.reasonCode())
                + (result.possiblyDuplicated() ? " possibly duplicated" : ""));
        results.put(request, result);
    }

    @Override
    public void fail(PublishRequest request, MqttException cause) {
        settle(request);
        failures.put(request, cause);
        line("fail " + PacketLines.name(request.message()) + " " + why(cause));
    }

    @Override
    public void concluded(PublishRequest request) {
        line("concluded " + request.key());
        concluded.add(request);
    }

    @Override
    public void expect(CompletableFuture<List<StoredPublish>> page) {
        pages.add(page);
    }

    @Override
    public void rolledBack(long lastSafe, StoreException cause) {
        line("rolled back to " + lastSafe);
    }

    @Override
    public void complete(SubscriptionRequest request, ReasonCode code, Properties answer) {
        settle(request);
        line(
                request.subscribes()
                        ? "granted " + request.filter() + ":" + code.code()
                        : "unsubscribed " + request.filter() + (code == ReasonCode.SUCCESS ? "" : " " + code));
        answers.put(request, answer);
    }

    @Override
    public void fail(SubscriptionRequest request, MqttException cause) {
        settle(request);
        failures.put(request, cause);
        line("fail " + request.filter() + " " + why(cause));
    }

    @Override
    public void authenticate(AuthenticationExchange exchange, byte[] data, boolean last) {
        assertThat(open).as("asked on an open connection").isTrue();
        line((last ? "confirm " : "challenge ") + new String(data, StandardCharsets.UTF_8));
    }

    @Override
    public void complete(AuthenticationExchange exchange) {
        settle(exchange);
        line("authenticated");
    }

    @Override
    public void fail(AuthenticationExchange exchange, MqttException cause) {
        settle(exchange);
        failures.put(exchange, cause);
        line("fail authentication " + why(cause));
    }

    private void settle(Object request) {
        if (!settled.add(request)) {
            throw new AssertionError("settled twice: " + request);
        }
    }

    private static String why(MqttException cause) {
        if (cause instanceof MessageDroppedException dropped) {
            return dropped.rule().toString();
        }
        return cause instanceof RequestRejectedException rejected
                ? rejected.reasonCode().toString()
                : cause.getClass().getSimpleName();
    }

    @Override
    public void event(ConnectionEvent event) {
        assertThat(ended).as("%s after the end", event).isFalse();
        ended = event instanceof ConnectionEvent.Closed;
        events.add(event);
        line("* " + event);
    }

    @Override
    public void tolerated(String what) {
        line("tolerated " + what);
    }
}
