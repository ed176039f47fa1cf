package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ConnectionException;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Disconnect;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.TopicName;
import io.hawser.mqtt.UserProperty;
import io.hawser.store.SessionStore;
import io.hawser.wire.ConnAck;
import io.hawser.wire.Outlet;
import io.hawser.wire.PacketEncoder;
import io.hawser.wire.PacketSink;
import io.hawser.wire.Properties;
import io.hawser.wire.SubAck;
import io.hawser.wire.UnsubAck;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** A {@link ClientSession} with recorded effects, virtual time, and a broker that says what the test tells it to say. */
final class Machine {
    static final String TOPIC = "t";

    final RecordingEffects effects = new RecordingEffects();
    final RecordingLog log;
    final ClientSession session;
    private final SessionConfig config;
    private final ByteBuffer incoming = ByteBuffer.allocate(100_000);
    private long now = 1_000_000_000;
    private int transmittedBefore;

    Machine(SessionStore store, Consumer<Options> setting) {
        Options options = new Options();
        setting.accept(options);
        config = options.config();
        log = new RecordingLog(store.open(config.clientId), effects::line);
        session = new ClientSession(config, log, effects, options.defaultHandler);
    }

    /** A client with a session of its own, not connected. */
    static Machine offline(Consumer<Options> setting) {
        return new Machine(SessionStore.inMemory(), setting);
    }

    /** As {@link #offline}, connected to a broker that has no session; the lines so far are dropped. */
    static Machine online(Consumer<Options> setting) {
        Machine machine = offline(setting);
        machine.connect(false);
        machine.effects.take();
        return machine;
    }

    /** A client that tries MQTT 5.0 first, not connected. */
    static Machine offline5(Consumer<Options> setting) {
        return offline(options -> {
            options.versions = List.of(ProtocolVersion.MQTT_5, ProtocolVersion.MQTT_3_1_1, ProtocolVersion.MQTT_3_1);
            setting.accept(options);
        });
    }

    /** As {@link #offline5}, connected to a broker that grants this; the lines so far are dropped. */
    static Machine online5(Properties granted, Consumer<Options> setting) {
        Machine machine = offline5(setting);
        machine.open();
        machine.connAck(false, granted);
        machine.effects.take();
        return machine;
    }

    static Machine online5(Properties granted) {
        return online5(granted, options -> {});
    }

    static Machine online5() {
        return online5(Properties.NONE);
    }

    static Machine online() {
        return online(options -> {});
    }

    long now() {
        return now;
    }

    /** From not connected, or waiting to be, to CONNACK. */
    void connect(boolean sessionPresent) {
        open();
        connAck(sessionPresent);
    }

    /** From not connected, or waiting to be, to CONNECT. */
    void open() {
        if (session.state() == ConnectionState.DISCONNECTED) {
            session.connect(now);
        }
        if (session.state() == ConnectionState.WAITING) {
            tickOnce();
        }
        opened();
    }

    void opened() {
        effects.opened();
        session.opened(null, null, null, now);
        settleTurn();
    }

    /** From not connected to a CONNECT that begins this exchange. */
    void open(AuthenticationExchange exchange) {
        if (session.state() == ConnectionState.DISCONNECTED) {
            session.connect(now);
        }
        if (session.state() == ConnectionState.WAITING) {
            tickOnce();
        }
        effects.opened();
        session.opened(null, null, exchange, now);
        settleTurn();
    }

    void reauthenticate(AuthenticationExchange exchange) {
        session.reauthenticate(exchange, now);
        settleTurn();
    }

    /** The application takes the step that it was asked for. */
    void authenticated(AuthenticationExchange exchange, String answer) {
        session.authenticated(exchange, answer == null ? null : answer.getBytes(StandardCharsets.UTF_8), now);
        settleTurn();
    }

    void unauthenticated(AuthenticationExchange exchange, Throwable why) {
        session.unauthenticated(exchange, why, now);
        settleTurn();
    }

    void lose() {
        lose("the link was cut");
    }

    /** The broker ends the connection. */
    void peerEnds() {
        effects.lost();
        session.lost(new ConnectionException("the broker closed the connection"), true, now);
        settleTurn();
    }

    void lose(String why) {
        effects.lost();
        session.lost(new ConnectionException(why), false, now);
        settleTurn();
    }

    /** Loses the connection and makes another; the lines up to CONNECT are dropped. */
    void reconnect(boolean sessionPresent) {
        lose();
        open();
        effects.take();
        connAck(sessionPresent);
    }

    /** Lets time pass, with a tick for every deadline in between. */
    void pass(Duration time) {
        long until = now + time.toNanos();
        while (session.nextDeadline() <= until) {
            tickOnce();
        }
        now = until;
    }

    void pass(long seconds) {
        pass(Duration.ofSeconds(seconds));
    }

    /** Goes to the nearest deadline. */
    void tickOnce() {
        assertThat(session.nextDeadline()).as("there is a deadline").isNotEqualTo(Long.MAX_VALUE);
        now = Math.max(now, session.nextDeadline());
        session.tick(now);
        assertThat(session.nextDeadline()).as("the next deadline is later").isGreaterThan(now);
        settleTurn();
    }

    /** What a driver does at the end of each turn. */
    private void settleTurn() {
        if (effects.transmitted != transmittedBefore) {
            transmittedBefore = effects.transmitted;
            session.transmitted(now);
        }
    }

    void close() {
        session.close(Disconnect.normal(), now);
    }

    static Message message(String name, int qos) {
        return Message.of(TOPIC, name).qos(Qos.of(qos));
    }

    /** Publishes messages of one QoS, named by their payload. */
    void publish(int qos, String... names) {
        for (String name : names) {
            publish(message(name, qos));
        }
    }

    PublishRequest publish(Message message) {
        PublishRequest request = new PublishRequest(message);
        session.publish(request, now);
        settleTurn();
        return request;
    }

    /** Publishes a message whose outcome is told by a key. */
    PublishRequest enqueue(String key, Message message) {
        PublishRequest request = new PublishRequest(message, key, null, null);
        session.publish(request, now);
        settleTurn();
        return request;
    }

    /** Publishes a QoS 0 message that is to be kept if the client ends before it is sent. */
    void enqueue(String name) {
        session.publish(new PublishRequest(message(name, 0), null, new CompletableFuture<>(), null), now);
        settleTurn();
    }

    SubscriptionRequest subscribe(String filter, int qos, String handler) {
        var request = new SubscriptionRequest(Subscription.to(filter).qos(Qos.of(qos)), handler);
        session.request(request, now);
        settleTurn();
        return request;
    }

    /** Subscribes, and the broker grants it; the lines of it are dropped. */
    void subscribed(String filter, int qos, String handler) {
        effects.take();
        subscribe(filter, qos, handler);
        String packet = effects.packets().get(0);
        subAck(Integer.parseInt(packet.replaceAll("SUBSCRIBE #(\\d+) .*", "$1")), qos);
        effects.take();
    }

    /** Subscribes to several filters, such as {@code a:1}, by one call. */
    void subscribeTogether(String handler, List<UserProperty> userProperties, String... filters) {
        List<Subscription> subscriptions = Arrays.stream(filters)
                .map(each -> each.split(":"))
                .map(each -> Subscription.to(each[0]).qos(Qos.of(Integer.parseInt(each[1]))))
                .toList();
        session.request(
                SubscriptionCall.subscribing(subscriptions, userProperties, handler, null)
                        .requests(),
                now);
        settleTurn();
    }

    void unsubscribeTogether(List<UserProperty> userProperties, String... filters) {
        List<TopicFilter> all = Arrays.stream(filters).map(TopicFilter::of).toList();
        session.request(
                SubscriptionCall.unsubscribing(all, userProperties, null).requests(), now);
        settleTurn();
    }

    SubscriptionRequest unsubscribe(String filter) {
        var request = new SubscriptionRequest(TopicFilter.of(filter));
        session.request(request, now);
        settleTurn();
        return request;
    }

    void declare(String filter, int qos, String handler) {
        session.declare(new SubscriptionRequest(Subscription.to(filter).qos(Qos.of(qos)), handler));
    }

    void acknowledge(String name) {
        acknowledge(inbound(name));
    }

    void acknowledge(InboundMessage message) {
        session.acknowledge(message, now);
        settleTurn();
    }

    void refuse(String name) {
        refuse(name, Rejection.UNSPECIFIED);
    }

    void refuse(String name, Rejection rejection) {
        session.refuse(inbound(name), rejection, now);
        settleTurn();
    }

    /** The handlers of a message have failed on it for good. */
    void fail(String name, boolean keep) {
        session.fail(inbound(name), keep, now);
        settleTurn();
    }

    void defer(String name) {
        session.defer(inbound(name), now);
        settleTurn();
    }

    InboundMessage inbound(String name) {
        InboundMessage message = effects.inbound.get(name);
        assertThat(message).as("message " + name).isNotNull();
        return message;
    }

    /** The broker sends packets, which arrive in one piece. */
    void receive(Consumer<PacketSink> broker) {
        receive(broker, effects.version);
    }

    void receive(Consumer<PacketSink> broker, ProtocolVersion version) {
        receive(encode(broker, version));
    }

    void receive(byte[] bytes) {
        session.received(ByteBuffer.wrap(bytes), now);
        settleTurn();
    }

    byte[] encode(Consumer<PacketSink> packets, ProtocolVersion version) {
        ByteBuffer bytes = incoming.clear();
        packets.accept(new PacketEncoder(version, new Outlet() {
            @Override
            public ByteBuffer room(int size) {
                return bytes;
            }

            @Override
            public void append(ByteBuffer more) {
                bytes.put(more);
            }
        }));
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    void connAck(boolean sessionPresent) {
        receive(broker -> broker.connAck(new ConnAck(sessionPresent, ReasonCode.SUCCESS, Properties.NONE)));
    }

    void connAck(boolean sessionPresent, Properties granted) {
        receive(broker -> broker.connAck(new ConnAck(sessionPresent, ReasonCode.SUCCESS, granted)));
    }

    void connAck(ReasonCode refusal, Properties properties) {
        receive(broker -> broker.connAck(new ConnAck(false, refusal, properties)));
    }

    void pubAck(int packetId, ReasonCode reasonCode, Properties properties) {
        receive(broker -> broker.pubAck(packetId, reasonCode, properties));
    }

    void pubRec(int packetId, ReasonCode reasonCode) {
        receive(broker -> broker.pubRec(packetId, reasonCode, Properties.NONE));
    }

    void disconnect(ReasonCode reasonCode, Properties properties) {
        receive(broker -> broker.disconnect(reasonCode, properties));
    }

    SubscriptionRequest subscribe(Subscription subscription) {
        var request = new SubscriptionRequest(subscription, "h");
        session.request(request, now);
        settleTurn();
        return request;
    }

    void connAck(ReasonCode refusal) {
        receive(broker -> broker.connAck(new ConnAck(false, refusal, Properties.NONE)));
    }

    void deliver(String name, int qos, int packetId, boolean duplicate) {
        deliver(TOPIC, name, qos, packetId, duplicate);
    }

    void deliver(String topic, String name, int qos, int packetId, boolean duplicate) {
        Message message = Message.of(TopicName.of(topic), name.getBytes(StandardCharsets.UTF_8), Qos.of(qos), false);
        receive(broker -> broker.publish(message, packetId, duplicate));
    }

    void pubAck(int packetId) {
        receive(broker -> broker.pubAck(packetId, ReasonCode.SUCCESS, Properties.NONE));
    }

    void pubRec(int packetId) {
        receive(broker -> broker.pubRec(packetId, ReasonCode.SUCCESS, Properties.NONE));
    }

    void pubRel(int packetId) {
        receive(broker -> broker.pubRel(packetId, ReasonCode.SUCCESS, Properties.NONE, false));
    }

    void pubComp(int packetId) {
        receive(broker -> broker.pubComp(packetId, ReasonCode.SUCCESS, Properties.NONE));
    }

    /** The broker answers PUBREL for each of these. */
    void pubComps(int first, int last) {
        IntStream.rangeClosed(first, last).forEach(this::pubComp);
    }

    void subAck(int packetId, Integer... codes) {
        List<ReasonCode> granted = Arrays.stream(codes).map(ReasonCode::of).toList();
        receive(broker -> broker.subAck(new SubAck(packetId, granted, Properties.NONE)));
    }

    void unsubAck(int packetId) {
        receive(broker -> broker.unsubAck(new UnsubAck(packetId, List.of(), Properties.NONE)));
    }

    void pingResp() {
        receive(PacketSink::pingResp);
    }

    List<String> take() {
        return effects.take();
    }

    List<String> packets() {
        return effects.packets();
    }
}
