package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The broker that the other tests rely on does what they rely on. */
@Tag("slow")
class MosquittoTest {
    @Test
    void carriesMessagesBetweenItsOwnTools() throws Exception {
        try (Mosquitto broker = Mosquitto.start();
                MosquittoSub sub = MosquittoSub.start(broker, "reader", "-t", "a/#", "-v", "-C", "2")) {
            MosquittoPub.run(broker.port(), "-t", "a/b", "-m", "one");
            sub.awaitLines("a/b one");
            MosquittoPub.run(broker.port(), "-t", "a/c", "-m", "two", "-q", "2");
            assertThat(sub.awaitExit()).isZero();
            sub.awaitLines("a/b one", "a/c two");
            assertThat(broker.log()).contains("Received PUBLISH");
        }
    }

    @Test
    void acceptsButDoesNotAnswerWhilePaused() throws Exception {
        try (Mosquitto broker = Mosquitto.start();
                MosquittoSub sub = MosquittoSub.start(broker, "reader", "-t", "a")) {
            broker.pause();
            CompletableFuture<Void> published =
                    CompletableFuture.runAsync(() -> MosquittoPub.run(broker.port(), "-t", "a", "-m", "late"));
            assertThat(published).failsWithin(500, TimeUnit.MILLISECONDS);
            broker.resume();
            sub.awaitLines("late");
            published.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void keepsItsStateOverARestartButNotOverAKill() {
        try (Mosquitto broker = Mosquitto.options().persistent().start()) {
            int port = broker.port();
            MosquittoPub.run(port, "-t", "kept", "-m", "first", "-r");
            broker.restart();
            assertThat(broker.port()).isEqualTo(port);
            MosquittoPub.run(port, "-t", "forgotten", "-m", "second", "-r");
            broker.kill();
            broker.restart();
            try (MosquittoSub sub = MosquittoSub.start(broker, "reader", "-t", "#", "-v")) {
                MosquittoPub.run(port, "-t", "end", "-m", "third");
                sub.awaitLines("kept first", "end third");
            }
        }
    }

    @Test
    void takesOptionsOfItsConfiguration() {
        try (Mosquitto broker =
                Mosquitto.options().line("message_size_limit 10").start()) {
            try (MosquittoSub sub = MosquittoSub.start(broker, "reader", "-t", "a")) {
                MosquittoPub.run(broker.port(), "-t", "a", "-m", "more than ten bytes");
                MosquittoPub.run(broker.port(), "-t", "a", "-m", "short");
                sub.awaitLines("short");
            }
        }
    }

    @Test
    void endsWithTheTest() {
        Mosquitto broker = Mosquitto.start();
        broker.pause();
        broker.close();
        await().until(() -> !broker.isRunning());
    }
}
