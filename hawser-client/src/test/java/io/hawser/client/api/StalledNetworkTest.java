package io.hawser.client.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hawser.client.MqttPublisher;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A broker that has accepted the connection and reads nothing more, for as long as the test wants. */
@Timeout(120)
class StalledNetworkTest {
    private static final int KIB = 1024;
    private static final int PUBRELS = 5_000_000;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch reads = new CountDownLatch(1);
    private final AtomicLong written = new AtomicLong();
    private final AtomicLong read = new AtomicLong();
    private ServerSocket listener;

    /** What the broker does after CONNACK. */
    private interface Script {
        void run(Socket socket) throws Exception;
    }

    @BeforeEach
    void listen() throws IOException {
        listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        listener.setReceiveBufferSize(8 * KIB);
    }

    @AfterEach
    void stop() throws IOException {
        reads.countDown();
        listener.close();
        threads.shutdownNow();
    }

    private MqttPublisher client(Script script) {
        threads.submit(() -> {
            try (Socket socket = listener.accept()) {
                DataInputStream in = new DataInputStream(socket.getInputStream());
                in.readByte();
                in.readNBytes(in.readByte());
                socket.getOutputStream().write(new byte[] {0x20, 2, 0, 0});
                script.run(socket);
            }
            return null;
        });
        return MqttPublisher.builder("mqtt://127.0.0.1:" + listener.getLocalPort())
                .version(ProtocolVersion.MQTT_3_1_1)
                .keepAlive(Duration.ZERO)
                .timeout(Duration.ofSeconds(20))
                .build();
    }

    private void readAll(Socket socket) throws Exception {
        reads.await();
        InputStream in = socket.getInputStream();
        byte[] buffer = new byte[64 * KIB];
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            read.addAndGet(count);
        }
    }

    private static long directMemory() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    @Test
    void smallTurnsShareTheMemoryThatTheyWaitIn() {
        try (MqttPublisher client = client(this::readAll)) {
            client.connect();
            long before = directMemory();
            List<CompletableFuture<?>> all = new ArrayList<>();
            Message message = Message.of("t", new byte[200]).qos(Qos.AT_MOST_ONCE);
            // Each in a turn of its own, until so much is unsent that they wait in the queue.
            while (client.statistics().queued() == 0) {
                CompletableFuture<?> sent = client.publishAsync(message);
                all.add(sent);
                await().until(() -> sent.isDone() || client.statistics().queued() > 0);
            }

            assertThat(directMemory() - before).isLessThan((2 * 1024 + 256) * KIB);

            reads.countDown();
            await().until(() -> all.stream().allMatch(CompletableFuture::isDone));
            await().until(() -> read.get() >= 205L * all.size());
        }
    }

    @Test
    void readingPausesWhileAnswersAreUnsentAndGoesOn() throws Exception {
        try (MqttPublisher client = client(socket -> {
            threads.submit(() -> {
                sendPubRels(socket);
                return null;
            });
            readAll(socket);
        })) {
            client.connect();
            long before = directMemory();
            await("the broker can send no more").until(() -> {
                long sent = written.get();
                return sent > 0 && sentNothingSince(sent);
            });
            assertThat(written.get()).isLessThan(4L * PUBRELS);
            assertThat(directMemory() - before).isLessThan(4 * KIB * KIB);

            reads.countDown();

            await("every PUBREL is answered").until(() -> read.get() >= 4L * PUBRELS);
        }
    }

    private boolean sentNothingSince(long sent) {
        await().pollDelay(Duration.ofMillis(300)).until(() -> true);
        return written.get() == sent;
    }

    private void sendPubRels(Socket socket) throws IOException {
        byte[] some = new byte[4_000];
        for (int i = 0; i < some.length; i += 4) {
            some[i] = 0x62;
            some[i + 1] = 2;
            some[i + 3] = 1;
        }
        OutputStream out = socket.getOutputStream();
        for (int sent = 0; sent < PUBRELS; sent += some.length / 4) {
            out.write(some);
            written.addAndGet(some.length);
        }
    }
}
