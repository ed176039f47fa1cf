package io.hawser.e2e;

import io.hawser.cli.EmbeddedBroker;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class EmbeddedBrokerScenariosTest extends BrokerScenarios {
    private EmbeddedBroker broker;

    @BeforeAll
    void start() {
        broker = EmbeddedBroker.start();
    }

    @AfterAll
    void stop() {
        broker.close();
    }

    @Override
    int port() {
        return broker.port();
    }
}
