package io.hawser.testing;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.Will;
import io.hawser.wire.Connect;
import io.hawser.wire.PacketDecoder;
import io.hawser.wire.PacketEncoder;
import io.hawser.wire.PacketSink;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import io.hawser.wire.Subscribe;
import io.hawser.wire.Unsubscribe;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** A client that sends what it is told, and writes down what it gets: one line per packet, {@code closed} at the end. */
final class TestClient implements ModelBroker.Output {
    private final ProtocolVersion version;
    private final SendBuffer buffer = new SendBuffer();
    private final PacketEncoder encoder;
    private final PacketDecoder decoder;
    private final PacketSink log;
    private final List<String> lines = new ArrayList<>();
    final Peer peer;

    TestClient(ModelBroker broker, ProtocolVersion version) {
        this.version = version;
        encoder = new PacketEncoder(version, buffer);
        decoder = new PacketDecoder(version, 1 << 20);
        log = (PacketSink) Proxy.newProxyInstance(
                PacketSink.class.getClassLoader(), new Class<?>[] {PacketSink.class}, (proxy, method, args) -> {
                    lines.add(line(method, args));
                    return null;
                });
        peer = broker.connect(this);
    }

    TestClient(ModelBroker broker) {
        this(broker, ProtocolVersion.MQTT_3_1_1);
    }

    private static String line(Method method, Object[] args) {
        return method.getName()
                + (args == null
                        ? ""
                        : Arrays.stream(args).map(TestClient::shown).collect(Collectors.joining()));
    }

    private static String shown(Object arg) {
        if (arg instanceof Message message) {
            return " " + message.topic() + "=" + message.text() + " at "
                    + message.qos().level() + (message.retain() ? " retained" : "")
                    + (message.expiry() == null
                            ? ""
                            : " for " + message.expiry().toSeconds() + " s");
        }
        if (arg instanceof Boolean duplicate) {
            return duplicate ? " dup" : "";
        }
        if (arg instanceof Integer packetId) {
            return packetId == 0 ? "" : " #" + packetId;
        }
        return arg == ReasonCode.SUCCESS || arg.equals(Properties.NONE)
                ? ""
                : " " + arg.toString().replace(", properties=" + Properties.NONE, "");
    }

    @Override
    public void send(ByteBuffer bytes) {
        decoder.decode(bytes, log);
    }

    @Override
    public void close() {
        lines.add("closed");
    }

    /** What has come since the last call. */
    List<String> got() {
        List<String> got = List.copyOf(lines);
        lines.clear();
        return got;
    }

    private TestClient sent() {
        peer.received(buffer.take());
        return this;
    }

    TestClient connect(String clientId, boolean clean) {
        return connect(clientId, clean, 0, null);
    }

    TestClient connect(String clientId, boolean clean, int keepAlive, Will will) {
        encoder.connect(new Connect(version, clientId, clean, keepAlive, will, null, Properties.NONE));
        return sent();
    }

    /** With MQTT 5.0, and a session that outlives the connection for this time. */
    TestClient connect(String clientId, boolean clean, Will will, long expirySeconds) {
        Properties properties = Properties.NONE.with(Property.SESSION_EXPIRY_INTERVAL, expirySeconds);
        encoder.connect(new Connect(version, clientId, clean, 0, will, null, properties));
        return sent();
    }

    TestClient subscribe(int packetId, Subscription... subscriptions) {
        encoder.subscribe(new Subscribe(packetId, List.of(subscriptions), Properties.NONE, false));
        return sent();
    }

    TestClient subscribe(String filter, Qos qos) {
        return subscribe(1, Subscription.to(filter).qos(qos));
    }

    TestClient unsubscribe(int packetId, String filter) {
        encoder.unsubscribe(new Unsubscribe(packetId, List.of(TopicFilter.of(filter)), Properties.NONE, false));
        return sent();
    }

    TestClient publish(Message message, int packetId, boolean duplicate) {
        encoder.publish(message, packetId, duplicate);
        return sent();
    }

    TestClient pubAck(int packetId) {
        encoder.pubAck(packetId, ReasonCode.SUCCESS, Properties.NONE);
        return sent();
    }

    TestClient pubRec(int packetId) {
        encoder.pubRec(packetId, ReasonCode.SUCCESS, Properties.NONE);
        return sent();
    }

    TestClient pubRel(int packetId) {
        encoder.pubRel(packetId, ReasonCode.SUCCESS, Properties.NONE, false);
        return sent();
    }

    TestClient pubComp(int packetId) {
        encoder.pubComp(packetId, ReasonCode.SUCCESS, Properties.NONE);
        return sent();
    }

    TestClient ping() {
        encoder.pingReq();
        return sent();
    }

    TestClient disconnect() {
        encoder.disconnect(ReasonCode.SUCCESS, Properties.NONE);
        return sent();
    }

    TestClient raw(int... bytes) {
        ByteBuffer chunk = ByteBuffer.allocate(bytes.length);
        for (int b : bytes) {
            chunk.put((byte) b);
        }
        peer.received(chunk.flip());
        return this;
    }
}
