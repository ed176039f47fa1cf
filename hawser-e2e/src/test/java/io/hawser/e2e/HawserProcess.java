package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hawser.cli.Main;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A main class of Hawser in a process of its own, with this test's java and class path: it can be killed as nothing inside
 * this process can. {@link #close} ends it in any case.
 */
final class HawserProcess implements AutoCloseable {
    static final Duration LONG_ENOUGH = Duration.ofSeconds(60);

    private final String name;
    private final Process process;
    private final Lines output;
    private final Lines errors;
    private final Thread atExit;

    private HawserProcess(String name, List<String> command) {
        this.name = name;
        try {
            process = new ProcessBuilder(command)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        atExit = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(atExit);
        output = new Lines(process.getInputStream(), name + " output");
        errors = new Lines(process.getErrorStream(), name + " errors");
    }

    /** Starts {@code hawser} with these arguments. */
    static HawserProcess hawser(String... arguments) {
        return start(Main.class, arguments);
    }

    /** Starts the main method of this class. */
    static HawserProcess start(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // Short runs: what the second compiler costs is not earned back.
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return new HawserProcess(main.getSimpleName() + " " + String.join(" ", arguments), command);
    }

    /** The whole lines that it has written to its standard output so far. */
    List<String> lines() {
        return output.soFar();
    }

    /** Whether this line is on the standard output. */
    boolean has(String line) {
        return output.contains(line);
    }

    /** Waits for so long, and fails if it has ended by then. */
    void mustRunFor(Duration time) {
        try {
            boolean ended = process.waitFor(time.toNanos(), TimeUnit.NANOSECONDS);
            assertThat(ended).as("%s ended by itself", this).isFalse();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Waits until this line is on the standard output. */
    void awaitLine(String line) {
        await("the line \"" + line + "\" of " + this).atMost(LONG_ENOUGH).until(() -> output.contains(line));
    }

    /** Waits, a minute at most, until a line of the standard output begins like this. */
    void awaitLineBeginning(String beginning) {
        await("the line \"" + beginning + "…\" of " + this)
                .atMost(Duration.ofMinutes(1))
                .until(() -> output.soFar().stream().anyMatch(line -> line.startsWith(beginning)));
    }

    /** Waits until there are so many lines on the standard output. */
    void awaitLines(int count) {
        await(count + " lines of " + this)
                .pollInterval(Duration.ofMillis(2))
                .atMost(LONG_ENOUGH)
                .until(() -> output.size() >= count);
    }

    /** Waits until a line of the standard error begins like this. */
    void awaitError(String beginning) {
        await("the line \"" + beginning + "…\" on the standard error of " + this)
                .atMost(LONG_ENOUGH)
                .until(() -> errors.soFar().stream().anyMatch(line -> line.startsWith(beginning)));
    }

    /** Stops it from running, while the kernel keeps its connections. */
    void pause() {
        Programs.run("kill", "-STOP", Long.toString(process.pid()));
    }

    /** Ends it with SIGKILL, of which it hears nothing; all that it has written is in {@link #lines} then. */
    void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /** Ends it with SIGTERM and returns its exit code. */
    int terminate() {
        process.destroy();
        return awaitExit();
    }

    /** Waits for its end and returns its exit code. */
    int awaitExit() {
        awaitEnd();
        return process.exitValue();
    }

    private void awaitEnd() {
        try {
            assertThat(process.waitFor(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS))
                    .as("%s ends", this)
                    .isTrue();
            output.awaitEnd();
            errors.awaitEnd();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        kill();
        Runtime.getRuntime().removeShutdownHook(atExit);
    }

    /** With what it has complained of, so that a failing test says it. */
    @Override
    public String toString() {
        return name + " " + errors.soFar();
    }

    /** Reads one output as it comes. A last line without an end is not a line: the process was killed while writing it. */
    private static final class Lines {
        private final List<String> lines = new ArrayList<>();
        private final Thread thread;

        Lines(InputStream in, String name) {
            thread = new Thread(() -> read(in), name);
            thread.setDaemon(true);
            thread.start();
        }

        private void read(InputStream in) {
            byte[] chunk = new byte[8192];
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            try (in) {
                for (int size = in.read(chunk); size >= 0; size = in.read(chunk)) {
                    take(chunk, size, line);
                }
            } catch (IOException e) {
                // The process has ended, and Process has closed its end of the pipe.
            }
        }

        private synchronized void take(byte[] chunk, int size, ByteArrayOutputStream line) {
            for (int i = 0; i < size; i++) {
                if (chunk[i] == '\n') {
                    lines.add(line.toString(StandardCharsets.UTF_8));
                    line.reset();
                } else {
                    line.write(chunk[i]);
                }
            }
        }

        synchronized List<String> soFar() {
            return List.copyOf(lines);
        }

        synchronized boolean contains(String line) {
            return lines.contains(line);
        }

        synchronized int size() {
            return lines.size();
        }

        void awaitEnd() throws InterruptedException {
            thread.join(LONG_ENOUGH.toMillis());
            assertThat(thread.isAlive())
                    .as("%s is still open", thread.getName())
                    .isFalse();
        }
    }
}
