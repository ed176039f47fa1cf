package io.hawser.client.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hawser.client.Delivery;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
import io.hawser.testing.BrokerExtension;
import java.util.HexFormat;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a client of MQTT 5.0 says to a broker that breaks the protocol, byte by byte (section 4.13). */
@Timeout(60)
class ViolationTest {
    @RegisterExtension
    final BrokerExtension broker = new BrokerExtension();

    private final Events events = new Events();

    @ParameterizedTest(name = "{0}: {2}")
    @CsvSource({
        "packet too large, 90FF01, PACKET_TOO_LARGE",
        "AUTH out of turn, F000, PROTOCOL_ERROR",
        "second CONNACK, 2003000000, PROTOCOL_ERROR",
        "CONNECT from a broker, 100D00044D51545405020000000000, PROTOCOL_ERROR",
        "PUBLISH at QoS 3, 360700016100010031, MALFORMED_PACKET",
        "reserved packet type, 0000, MALFORMED_PACKET",
    })
    void isAnsweredByDisconnectWithItsReason(String violation, String hex, ReasonCode reason) {
        MqttClient client = Variant.hasty(broker.url())
                .version(ProtocolVersion.MQTT_5)
                .clientId("c")
                .receiveMaximum(2)
                .topicAliasMaximum(4)
                .maximumPacketSize(128)
                .subscription("a", Delivery::defer)
                .onEvent(events)
                .build();
        try (client) {
            client.connect();
            events.first(ConnectionEvent.Ready.class);

            broker.server().send("c", HexFormat.of().parseHex(hex.replace(" ", "")));

            await().untilAsserted(() -> assertThat(broker.server().goodbye("c")).isEqualTo(reason));
            assertThat(events.first(ConnectionEvent.Disconnected.class).cause())
                    .isInstanceOfSatisfying(
                            ProtocolException.class,
                            e -> assertThat(e.reasonCode()).isEqualTo(reason));
            events.nth(ConnectionEvent.Ready.class, 2);
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "topic alias 0, 300700016103230000, false",
        "topic alias above the maximum, 300700016103230005, false",
        "topic alias that is not known, 3006000003230002, true",
        "no topic and no alias, 3003000000, true",
        "unknown property, 3006000161027F00, true",
        "property of another packet, 30070001610321000A, false",
        "duplicate property, 30080001610401000100, false",
        "larger than allowed, 30FF01, true",
        "topic with a wildcard, 300400012B00, true",
    })
    void aMessageThatIsNotAsItShouldBeCostsItselfAtMost(String violation, String hex, boolean refused) {
        MqttClient client = Variant.hasty(broker.url())
                .version(ProtocolVersion.MQTT_5)
                .clientId("c")
                .topicAliasMaximum(4)
                .maximumPacketSize(128)
                .subscription("a", Delivery::defer)
                .onEvent(events)
                .build();
        try (client) {
            client.connect();
            events.first(ConnectionEvent.Ready.class);
            byte[] packet = HexFormat.of().parseHex(hex);
            byte[] whole = java.util.Arrays.copyOf(packet, hex.equals("30FF01") ? 3 + 255 : packet.length);

            broker.server().send("c", whole);

            assertThat(events.first(ConnectionEvent.MessageUnreadable.class).refused())
                    .isEqualTo(refused);
            client.publish(io.hawser.mqtt.Message.of("b", "still there"));
            assertThat(events.of(ConnectionEvent.Disconnected.class)).isEmpty();
        }
    }
}
