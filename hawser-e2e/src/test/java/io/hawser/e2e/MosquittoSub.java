package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A running mosquitto_sub and what it has put out. */
final class MosquittoSub implements AutoCloseable {
    private final Process process;
    private final Path output;
    private final Path errors;

    private MosquittoSub(List<String> command) {
        try {
            output = Files.createTempFile("mosquitto_sub", ".out");
            errors = Files.createTempFile("mosquitto_sub", ".err");
            process = new ProcessBuilder(command)
                    .redirectOutput(output.toFile())
                    .redirectError(errors.toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Subscribes as the options say and returns when the broker has acknowledged it. */
    static MosquittoSub start(Mosquitto broker, String clientId, String... options) {
        String acknowledged = "Sending SUBACK to " + clientId;
        int before = count(broker.log(), acknowledged);
        MosquittoSub sub = start(broker.port(), clientId, options);
        try {
            await("mosquitto_sub is subscribed").until(() -> count(broker.log(), acknowledged) > before);
        } catch (RuntimeException | Error e) {
            sub.close();
            throw e;
        }
        return sub;
    }

    /** Subscribes as the options say to a broker that cannot be asked whether it has acknowledged. */
    static MosquittoSub start(int port, String clientId, String... options) {
        List<String> command = new ArrayList<>(
                List.of(Mosquitto.executable("mosquitto_sub"), "-h", "127.0.0.1", "-p", Integer.toString(port)));
        command.addAll(List.of("-i", clientId));
        command.addAll(List.of(options));
        return new MosquittoSub(command);
    }

    private static int count(String text, String part) {
        return text.split(part, -1).length - 1;
    }

    byte[] bytes() {
        try {
            return Files.readAllBytes(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<String> lines() {
        String text = new String(bytes(), StandardCharsets.UTF_8);
        return text.lines().toList();
    }

    /** Waits until exactly these lines are there. */
    void awaitLines(String... expected) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(lines()).containsExactly(expected));
    }

    /** Waits for its end, as it comes with {@code -C}, and returns the exit code. */
    int awaitExit() throws Exception {
        assertThat(process.waitFor(20, TimeUnit.SECONDS))
                .as("mosquitto_sub ends")
                .isTrue();
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
            Files.delete(output);
            Files.delete(errors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
