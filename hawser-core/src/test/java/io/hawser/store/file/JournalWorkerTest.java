package io.hawser.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.TopicName;
import io.hawser.store.SessionLog;
import io.hawser.store.SessionStore.Durability;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The thread that does the I/O of a session, with a disk that stands still as long as the test says. */
@Timeout(60)
class JournalWorkerTest {
    private static final int MEGABYTE = 1024 * 1024;

    private final MemoryFileSystem disk = new MemoryFileSystem();
    private final CountDownLatch moves = new CountDownLatch(1);

    private FileSessionStore store(Durability durability) {
        return new FileSessionStore(
                Path.of("store"),
                new JournalOptions(durability, 8 * MEGABYTE, 1000, disk, System::currentTimeMillis, false));
    }

    private void halt() {
        disk.fault = (operation, file) -> {
            try {
                moves.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        };
    }

    @Test
    void lazyLogThatIsBehindCallsBackWhenItHasCaughtUp() {
        SessionLog log = store(Durability.LAZY).open("client");
        log.replay(publish -> publish, packetId -> {}, subscription -> {});
        halt();
        for (long sequence = 1; sequence <= 32; sequence++) {
            Message message = Message.of(TopicName.of("a"), new byte[MEGABYTE], Qos.AT_LEAST_ONCE, false);
            log.accepted(new Publish(sequence, message, null));
        }
        CompletableFuture<Boolean> caughtUp = new CompletableFuture<>();

        log.listen(new SessionLog.Listener() {
            @Override
            public void safePositionRose() {
                caughtUp.complete(!log.isOverloaded());
            }

            @Override
            public void healthChanged() {}
        });
        assertThat(log.isOverloaded()).isTrue();
        assertThat(log.sync()).isLessThanOrEqualTo(log.safePosition());
        moves.countDown();
        assertThat(caughtUp.join()).isTrue();
        log.close();
    }
}
