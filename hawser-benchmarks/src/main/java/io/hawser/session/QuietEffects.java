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
import io.hawser.wire.Outlet;
import io.hawser.wire.PacketEncoder;
import io.hawser.wire.PacketSink;
import io.hawser.wire.Properties;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Effects that encode into one buffer, count, and otherwise do nothing; whatever goes wrong is thrown. */
final class QuietEffects implements Effects, Outlet {
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(256 * 1024);
    private final PacketEncoder encoder = new PacketEncoder(ProtocolVersion.MQTT_3_1_1, this);
    private long completed;

    /** What was encoded counts as sent. */
    void startTurn() {
        buffer.clear();
    }

    long completed() {
        return completed;
    }

    @Override
    public ByteBuffer room(int size) {
        return buffer;
    }

    @Override
    public void append(ByteBuffer bytes) {
        buffer.put(bytes.duplicate());
    }

    @Override
    public void open(int server, @Nullable String reference, ProtocolVersion version) {}

    @Override
    public void negotiated(Negotiated negotiated, boolean aliases) {}

    @Override
    public PacketSink transmit() {
        return encoder;
    }

    @Override
    public boolean writable() {
        return true;
    }

    @Override
    public void close(@Nullable MqttException cause) {
        throw new IllegalStateException(cause);
    }

    @Override
    public InboundMessage inbound(Message message, int packetId, boolean duplicate) {
        return new InboundMessage(message, packetId, duplicate);
    }

    @Override
    public void deliver(InboundMessage message, Object[] handlers) {}

    @Override
    public void accepted(PublishRequest request) {}

    @Override
    public void complete(PublishRequest request, PublishResult result) {
        completed++;
        request.complete(result);
    }

    @Override
    public void fail(PublishRequest request, MqttException cause) {
        throw cause;
    }

    @Override
    public void concluded(PublishRequest request) {}

    @Override
    public void expect(CompletableFuture<List<StoredPublish>> page) {}

    @Override
    public void rolledBack(long lastSafe, StoreException cause) {
        throw cause;
    }

    @Override
    public void complete(SubscriptionRequest request, ReasonCode code, Properties answer) {}

    @Override
    public void fail(SubscriptionRequest request, MqttException cause) {
        throw cause;
    }

    @Override
    public void authenticate(AuthenticationExchange exchange, byte[] data, boolean last) {}

    @Override
    public void complete(AuthenticationExchange exchange) {}

    @Override
    public void fail(AuthenticationExchange exchange, MqttException cause) {
        throw cause;
    }

    @Override
    public void event(ConnectionEvent event) {}

    @Override
    public void tolerated(String what) {
        throw new IllegalStateException(what);
    }
}
