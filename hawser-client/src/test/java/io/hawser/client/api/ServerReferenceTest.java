package io.hawser.client.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hawser.client.ClientBuilder;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
import io.hawser.testing.BrokerExtension;
import io.hawser.testing.BrokerServer;
import io.hawser.wire.Outlet;
import io.hawser.wire.PacketEncoder;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A broker of MQTT 5.0 sends its clients to another one: 0x9C for once, 0x9D for good (section 4.11). */
@Timeout(60)
class ServerReferenceTest {
    @RegisterExtension
    final BrokerExtension broker = new BrokerExtension();

    private final BrokerServer other = BrokerServer.start();
    private final Events events = new Events();

    @AfterEach
    void stop() {
        other.close();
    }

    private ClientBuilder<MqttClient> options() {
        return Variant.hasty(broker.url()).clientId("c").onEvent(events).followServerReference(true);
    }

    private String reference() {
        return "127.0.0.1:" + other.port();
    }

    private void awaitAt(BrokerServer server) {
        await().until(() -> server.connectedClients().contains("c"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"USE_ANOTHER_SERVER", "SERVER_MOVED"})
    void aRefusedConnectGoesWhereItIsSent(ReasonCode reason) {
        broker.misbehave().sendElsewhere(1, reason, reference());
        try (MqttClient client = options().build()) {
            client.connect();
            assertThat(other.connectedClients()).containsExactly("c");
            assertThat(broker.server().connectedClients()).isEmpty();
        }
    }

    @Test
    void useAnotherServerHoldsForOneConnection() {
        broker.misbehave().sendElsewhere(1, ReasonCode.USE_ANOTHER_SERVER, reference());
        try (MqttClient client = options().build()) {
            client.connect();
            other.cutConnections();
            awaitAt(broker.server());
        }
    }

    @Test
    void serverMovedHoldsForGood() {
        broker.misbehave().sendElsewhere(1, ReasonCode.SERVER_MOVED, reference());
        try (MqttClient client = options().build()) {
            client.connect();
            for (int i = 2; i <= 4; i++) {
                other.cutConnections();
                assertThat(events.nth(ConnectionEvent.Connected.class, i).server())
                        .isEqualTo(reference());
            }
            assertThat(broker.server().connectedClients()).isEmpty();
        }
    }

    @Test
    void disconnectSendsElsewhereToo() {
        try (MqttClient client = options().build()) {
            client.connect();
            broker.server().send("c", disconnect(ReasonCode.USE_ANOTHER_SERVER, reference()));
            awaitAt(other);
            assertThat(client.state()).isNotEqualTo(ConnectionState.CLOSED);
        }
    }

    @Test
    void aReferenceIsNotFollowedUnlessAllowed() {
        broker.misbehave().sendElsewhere(1, ReasonCode.USE_ANOTHER_SERVER, reference());
        try (MqttClient client = options().followServerReference(false).build()) {
            client.connect();
            assertThat(broker.server().connectedClients()).containsExactly("c");
            assertThat(other.connectedClients()).isEmpty();
        }
    }

    private static byte[] disconnect(ReasonCode reason, String reference) {
        ByteBuffer bytes = ByteBuffer.allocate(100);
        new PacketEncoder(ProtocolVersion.MQTT_5, new Outlet() {
                    @Override
                    public ByteBuffer room(int size) {
                        return bytes;
                    }

                    @Override
                    public void append(ByteBuffer more) {
                        bytes.put(more);
                    }
                })
                .disconnect(reason, Properties.NONE.with(Property.SERVER_REFERENCE, reference));
        return Arrays.copyOf(bytes.array(), bytes.position());
    }
}
