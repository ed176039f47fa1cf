package io.hawser.e2e;

import java.time.Duration;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;

/** The frame of tests against a {@link ForeignBroker}: one broker for all tests of a class, clients and a topic for each. */
@Tag("brokers")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ForeignBrokerFrame {
    static final Duration EXPIRY = Duration.ofHours(1);

    private final Supplier<ForeignBroker> start;
    ForeignBroker broker;
    Clients clients;
    Inbox inbox;
    String topic;

    ForeignBrokerFrame(Supplier<ForeignBroker> start) {
        this.start = start;
    }

    @BeforeAll
    void startBroker() {
        broker = start.get();
    }

    @BeforeEach
    void beginAnew() {
        clients = new Clients();
        inbox = new Inbox();
        topic = Clients.id();
    }

    @AfterEach
    void closeClients() {
        clients.close();
    }

    @AfterAll
    void stopBroker() {
        if (broker != null) {
            broker.close();
        }
    }
}
