package io.hawser.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.hawser.mqtt.StoreException;
import io.hawser.mqtt.Subscription;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemorySessionStoreTest {
    private final SessionStore store = SessionStore.inMemory();

    @Test
    void refusesToOpenASessionTwice() {
        store.open("a\n");
        store.open("b");

        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> store.open("a\n"))
                .withMessage("session 'a\\u000a' is open in another client of this process");
    }

    @Test
    void opensASessionAgainThatWasClosed() {
        SessionLog first = store.open("a");
        first.received(7);
        first.subscribed(Subscription.to("b"));
        first.subscribed(Subscription.to("a"));
        first.close();

        assertThat(contents(store.open("a"))).containsExactly("received 7", "subscription b", "subscription a");
    }

    @Test
    void closingTwiceDoesNotCloseTheNextClientsSession() {
        SessionLog first = store.open("a");
        first.close();
        store.open("a");

        first.close();

        assertThatExceptionOfType(StoreException.class).isThrownBy(() -> store.open("a"));
    }

    @Test
    void isAsSafeAsItGetsAtOnce() {
        SessionLog log = store.open("a");
        log.received(7);

        assertThat(log.sync()).isLessThanOrEqualTo(log.safePosition());
    }

    private static List<String> contents(SessionLog log) {
        List<String> lines = new ArrayList<>();
        log.replay(
                publish -> {
                    lines.add("publish " + publish.sequence());
                    return publish;
                },
                packetId -> lines.add("received " + packetId),
                subscription -> lines.add("subscription " + subscription.filter()));
        return lines;
    }
}
