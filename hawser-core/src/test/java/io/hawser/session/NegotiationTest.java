package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ConnectResult.Negotiated;
import io.hawser.mqtt.ConnectionEvent.Connected;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.UserProperty;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What CONNECT of MQTT 5.0 asks for, what CONNACK grants, and that the grants hold. */
class NegotiationTest {
    private static final int LARGEST_PACKET = 268_435_460;

    @Test
    void connectAsksForWhatTheProgramHasChosen() {
        List<UserProperty> userProperties = List.of(new UserProperty("a", "1"), new UserProperty("a", "2"));
        Machine machine = Machine.offline5(options -> {
            options.sessionExpirySeconds = 0xFFFF_FFFFL;
            options.receiveMaximum = 20;
            options.maximumPacketSize = 1_000;
            options.topicAliasMaximum = 10;
            options.userProperties = userProperties;
        });

        machine.open();

        assertThat(machine.packets()).containsExactly("CONNECT 5.0");
        assertThat(machine.effects.sink.connect.properties())
                .isEqualTo(Properties.NONE
                        .with(Property.SESSION_EXPIRY_INTERVAL, 0xFFFF_FFFFL)
                        .with(Property.RECEIVE_MAXIMUM, 20)
                        .with(Property.MAXIMUM_PACKET_SIZE, 1_000)
                        .with(Property.TOPIC_ALIAS_MAXIMUM, 10)
                        .with(Property.REQUEST_RESPONSE_INFORMATION, 1)
                        .with(userProperties));
    }

    @Test
    void connectLeavesOutWhatTheStandardPresumes() {
        Machine machine = Machine.offline5(options -> {
            options.cleanSession = true;
            options.maximumPacketSize = LARGEST_PACKET;
        });

        machine.open();

        assertThat(machine.packets()).containsExactly("CONNECT 5.0 clean");
        assertThat(machine.effects.sink.connect.properties())
                .isEqualTo(Properties.NONE.with(Property.REQUEST_RESPONSE_INFORMATION, 1));
    }

    @Test
    void connectOf311HasNoProperties() {
        Machine machine = Machine.offline(options -> options.userProperties = List.of(new UserProperty("a", "1")));

        machine.open();

        assertThat(machine.effects.sink.connect.properties()).isEqualTo(Properties.NONE);
    }

    @Test
    void everyGrantOfConnAckIsNegotiated() {
        Machine machine = Machine.online5(Properties.NONE
                .with(Property.SERVER_KEEP_ALIVE, 7)
                .with(Property.SESSION_EXPIRY_INTERVAL, 60)
                .with(Property.RECEIVE_MAXIMUM, 10)
                .with(Property.MAXIMUM_QOS, 1)
                .with(Property.MAXIMUM_PACKET_SIZE, 500)
                .with(Property.TOPIC_ALIAS_MAXIMUM, 5)
                .with(Property.RETAIN_AVAILABLE, 0)
                .with(Property.WILDCARD_SUBSCRIPTION_AVAILABLE, 0)
                .with(Property.SUBSCRIPTION_IDENTIFIER_AVAILABLE, 0)
                .with(Property.SHARED_SUBSCRIPTION_AVAILABLE, 0)
                .with(Property.RESPONSE_INFORMATION, "answers/7"));

        Negotiated expected = new Negotiated(
                Duration.ofSeconds(7),
                Duration.ofSeconds(60),
                10,
                Qos.AT_LEAST_ONCE,
                500,
                5,
                false,
                false,
                false,
                false,
                "answers/7");
        assertThat(machine.effects.negotiated).isEqualTo(expected);
        assertThat(connected(machine).result().negotiated()).isEqualTo(expected);
    }

    @Test
    void whatConnAckDoesNotSayIsAsTheStandardPresumesAndAsAskedFor() {
        Machine machine = Machine.online5(Properties.NONE, options -> options.keepAliveSeconds = 60);

        assertThat(machine.effects.negotiated)
                .isEqualTo(new Negotiated(
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(3_600),
                        65_535,
                        Qos.EXACTLY_ONCE,
                        LARGEST_PACKET,
                        0,
                        true,
                        true,
                        true,
                        true,
                        null));
    }

    @Test
    void aCleanSessionExpiresWithItsConnection() {
        Machine machine = Machine.online5(Properties.NONE, options -> options.cleanSession = true);

        assertThat(machine.effects.negotiated.sessionExpiry()).isEqualTo(Duration.ZERO);
    }

    @Test
    void on311NobodySaysHowLongASessionLastsAndThereAreNoAliases() {
        Machine machine = Machine.online();

        assertThat(machine.effects.negotiated.sessionExpiry()).isNull();
        assertThat(machine.effects.negotiated.topicAliasMaximum()).isZero();
        assertThat(machine.effects.negotiated.subscriptionIdentifiers()).isFalse();
    }

    @Test
    void theResultHasTheBrokersWords() {
        Properties words =
                Properties.NONE.with(Property.REASON_STRING, "welcome").with(List.of(new UserProperty("node", "3")));
        Machine machine = Machine.online5(words);

        var result = connected(machine).result();
        assertThat(result.version()).isEqualTo(ProtocolVersion.MQTT_5);
        assertThat(result.clientId()).isEqualTo("client");
        assertThat(result.reasonString()).isEqualTo("welcome");
        assertThat(result.userProperties()).containsExactly(new UserProperty("node", "3"));
    }

    @Test
    void theBrokersKeepAliveReplacesOurs() {
        Machine machine =
                Machine.online5(Properties.NONE.with(Property.SERVER_KEEP_ALIVE, 5), o -> o.keepAliveSeconds = 60);

        machine.pass(Duration.ofMillis(4_999));
        assertThat(machine.take()).isEmpty();
        machine.pass(Duration.ofMillis(1));

        assertThat(machine.take()).containsExactly("> PINGREQ");
    }

    @Test
    void aBrokerCanSwitchKeepAliveOffAndOn() {
        Machine off = Machine.online5(Properties.NONE.with(Property.SERVER_KEEP_ALIVE, 0), o -> o.keepAliveSeconds = 5);
        off.pass(3_600);
        assertThat(off.take()).isEmpty();

        Machine on = Machine.online5(Properties.NONE.with(Property.SERVER_KEEP_ALIVE, 5));
        on.pass(5);
        assertThat(on.take()).containsExactly("> PINGREQ");
    }

    @Test
    void anIdentifierThatIsAssignedToAClientThatHasOneIsIgnored() {
        Machine machine =
                Machine.online5(Properties.NONE.with(Property.ASSIGNED_CLIENT_IDENTIFIER, "given"), options -> {});

        machine.lose();
        machine.open();

        assertThat(machine.effects.sink.connect.clientId()).isEqualTo("client");
    }

    @Test
    void anAssignedClientIdentifierIsKeptForReconnects() {
        Machine machine = Machine.online5(
                Properties.NONE.with(Property.ASSIGNED_CLIENT_IDENTIFIER, "given"), options -> options.clientId = "");
        assertThat(connected(machine).result().clientId()).isEqualTo("given");

        machine.reconnect(true);

        assertThat(machine.effects.sink.connect.clientId()).isEqualTo("given");
        assertThat(machine.effects.events(Connected.class).get(1).result().clientId())
                .isEqualTo("given");
    }

    @Test
    void theWindowIsTheSmallerOfInflightAndTheBrokersReceiveMaximum() {
        Machine broker = Machine.online5(Properties.NONE.with(Property.RECEIVE_MAXIMUM, 2));
        broker.publish(1, "a", "b", "c");
        assertThat(broker.packets()).containsExactly("PUBLISH a q1 #1", "PUBLISH b q1 #2");
        broker.pubAck(1);
        assertThat(broker.packets()).containsExactly("PUBLISH c q1 #3");

        Machine program = Machine.online5(Properties.NONE.with(Property.RECEIVE_MAXIMUM, 2), o -> o.sendWindow = 1);
        program.publish(1, "a", "b");
        assertThat(program.packets()).containsExactly("PUBLISH a q1 #1");
    }

    @Test
    void theReceiveMaximumHoldsForItsConnectionOnly() {
        Machine machine = Machine.online5(Properties.NONE.with(Property.RECEIVE_MAXIMUM, 1));
        machine.publish(1, "a", "b");
        machine.take();

        machine.lose();
        machine.open();
        machine.take();
        machine.connAck(true, Properties.NONE.with(Property.RECEIVE_MAXIMUM, 2));

        assertThat(machine.packets()).containsExactly("PUBLISH a q1 #1 dup", "PUBLISH b q1 #2");
    }

    @Test
    void whatIsSentAgainKeepsToASmallerReceiveMaximum() {
        Machine machine = Machine.online5();
        machine.publish(1, "a", "b", "c");
        machine.lose();
        machine.open();
        machine.take();

        machine.connAck(true, Properties.NONE.with(Property.RECEIVE_MAXIMUM, 1));

        assertThat(machine.packets()).containsExactly("PUBLISH a q1 #1 dup");
        machine.pubAck(1);
        assertThat(machine.packets()).containsExactly("PUBLISH b q1 #2 dup");
    }

    private static Connected connected(Machine machine) {
        return machine.effects.events(Connected.class).get(0);
    }
}
