package io.hawser.e2e;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

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

    @Override
    int port() {
        return broker.port();
    }
}
