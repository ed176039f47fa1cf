package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MosquittoScenariosTest extends BrokerScenarios {
    private Mosquitto broker;

    @BeforeAll
    void start() {
        // Its own limits are not the subject: the default of 1,000 waiting messages drops the rest silently.
        broker = Mosquitto.options().line("max_queued_messages 100000").start();
    }

    @AfterAll
    void stop() {
        broker.close();
    }

    /** Artemis gives what it sends again a new packet identifier, against [MQTT-4.4.0-1], so only Mosquitto can show this. */
    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void receivesExactlyOnceThoughItsConnectionIsCutAgainAndAgain(ProtocolVersion version) throws Exception {
        Traffic traffic = publishAndCut(version, Qos.EXACTLY_ONCE, true, false);
        assertThat(traffic.received()).containsExactlyInAnyOrderElementsOf(traffic.sent());
    }

    @Override
    int port() {
        return broker.port();
    }
}
