package io.hawser.cli;

import io.hawser.client.MqttPublisher;
import io.hawser.client.PublisherBuilder;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReconnectPolicy;
import io.hawser.store.SessionLog;
import io.hawser.store.file.FileSessionStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The process that {@link StoredDemo} kills: hands a day of readings to a client with a session on disk, and says on standard
 * output how far it has come. Readings are numbered from 1, three a minute, and the number of a sensor is its QoS. Since
 * nothing else goes into the store, the sequence of its last message tells which reading comes next.
 *
 * <p>On standard input come user name, password and the URL of a proxy, a line each, which may be empty; when it ends, so does the process.
 */
final class DemoPublisher {
    /** Readings 1 to this number have been accepted. */
    static final String ACCEPTED = "accepted ";
    /** Of an earlier process, the store has readings 1 to this number. */
    static final String FOUND = "found ";
    /** The rest of the line is for whoever watches. */
    static final String SAYS = "says ";

    private static final int SENSORS = SensorDay.SENSORS.size();

    /**
     * What the process is to do.
     *
     * @param version null for the highest that the broker accepts
     * @param confirmed how many readings an earlier process has said to be accepted: they are not published again, even if the
     *     store has lost them
     */
    record Task(
            String server,
            @Nullable ProtocolVersion version,
            String clientId,
            Path store,
            String prefix,
            int confirmed) {
        List<String> arguments() {
            return List.of(
                    server,
                    version == null ? "" : version.name(),
                    clientId,
                    store.toString(),
                    prefix,
                    String.valueOf(confirmed));
        }

        static Task of(String[] arguments) {
            return new Task(
                    arguments[0],
                    arguments[1].isEmpty() ? null : ProtocolVersion.valueOf(arguments[1]),
                    arguments[2],
                    Path.of(arguments[3]),
                    arguments[4],
                    Integer.parseInt(arguments[5]));
        }
    }

    private final Task task;
    private final SensorDay day = SensorDay.load();

    private DemoPublisher(Task task) {
        this.task = task;
    }

    public static void main(String[] arguments) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String user = in.readLine();
        String password = in.readLine();
        String proxy = in.readLine();
        Thread watch = new Thread(() -> endWith(in), "end of input");
        watch.setDaemon(true);
        watch.start();
        new DemoPublisher(Task.of(arguments))
                .run(
                        user == null || user.isEmpty() ? null : Credentials.of(user, password == null ? "" : password),
                        proxy == null ? "" : proxy);
        System.exit(0);
    }

    /** Nobody is to be left behind by a demonstration that was killed itself. */
    private static void endWith(BufferedReader in) {
        try {
            while (in.readLine() != null) {
                Thread.onSpinWait();
            }
        } catch (IOException e) {
            // as good as its end
        }
        Runtime.getRuntime().halt(Failure.ERROR);
    }

    private void run(@Nullable Credentials credentials, String proxy) throws InterruptedException {
        FileSessionStore store = FileSessionStore.at(task.store);
        SessionLog log = store.open(task.clientId);
        int found = Math.toIntExact(log.lastSequence());
        log.close();
        System.out.println(FOUND + found);
        PublisherBuilder builder = MqttPublisher.builder(task.server)
                .clientId(task.clientId)
                .sendWindow(Demo.INFLIGHT)
                .session(store, Duration.ofHours(1))
                .reconnect(ReconnectPolicy.exponential(Duration.ofMillis(100), Duration.ofMillis(500)))
                .timeout(Duration.ofMinutes(1))
                .onEvent(DemoPublisher::tell);
        if (task.version != null) {
            builder.version(task.version);
        }
        if (!proxy.isEmpty()) {
            builder.proxy(ServerOptions.ProxyUrl.of(proxy));
        }
        if (credentials != null) {
            builder.credentials(credentials);
        }
        try (MqttPublisher publisher = builder.build()) {
            CompletableFuture<?> unused = publisher.connectAsync();
            publish(publisher, Math.max(found, task.confirmed));
            publisher.flush();
        }
    }

    private static void tell(ConnectionEvent event) {
        if (event instanceof ConnectionEvent.Connected now) {
            System.out.println(SAYS + "connected" + Demo.session(now.result()));
        } else if (event instanceof ConnectionEvent.StoreFailed trouble) {
            System.out.println(SAYS + trouble.cause().getMessage());
        }
    }

    private void publish(MqttPublisher publisher, int done) throws InterruptedException {
        int all = day.minutes() * SENSORS;
        for (int from = done; from < all; ) {
            int to = Math.min(all, from + Demo.STEP_MINUTES * SENSORS);
            CompletableFuture.allOf(IntStream.range(from, to)
                            .mapToObj(index -> publisher.enqueueAsync(reading(index)))
                            .toArray(CompletableFuture<?>[]::new))
                    .join();
            System.out.println(ACCEPTED + to);
            from = to;
            TimeUnit.MILLISECONDS.sleep(Demo.STEP_MILLIS);
        }
    }

    private Message reading(int index) {
        int sensor = index % SENSORS;
        return Message.of(task.prefix + SensorDay.SENSORS.get(sensor), day.payload(index / SENSORS, sensor))
                .qos(Qos.of(sensor));
    }
}
