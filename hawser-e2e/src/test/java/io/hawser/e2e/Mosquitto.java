package io.hawser.e2e;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A Mosquitto of the test's own: a process on a free port of the loopback interface, with its files in a directory that
 * goes with it. Where Mosquitto is not installed the test is skipped, or fails if {@code HAWSER_REQUIRE_BROKERS=true}.
 */
final class Mosquitto implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(10);

    /** What Mosquitto is to do differently from its defaults. */
    static final class Options {
        private final List<String> lines = new ArrayList<>();
        private final List<String> tls = new ArrayList<>();
        private boolean webSockets;
        private boolean unix;

        /** Keeps sessions, queued and retained messages over {@link #stop}, but not over {@link #kill}. */
        Options persistent() {
            return line("persistence true");
        }

        /** Opens a second port, for TLS, with a certificate and its key in PEM files. */
        Options tls(Path certificate, Path key) {
            tls.add("certfile " + certificate);
            tls.add("keyfile " + key);
            return this;
        }

        /** Wants a certificate of this authority from TLS clients. */
        Options clientCertificates(Path authority) {
            tls.add("cafile " + authority);
            tls.add("require_certificate true");
            return this;
        }

        /** Opens a port for WebSockets, and one for those over TLS if there is any. */
        Options webSockets() {
            webSockets = true;
            return this;
        }

        /** Listens on a Unix domain socket, too. */
        Options unix() {
            unix = true;
            return this;
        }

        /** Any line of mosquitto.conf(5). */
        Options line(String line) {
            lines.add(line);
            return this;
        }

        Mosquitto start() {
            return new Mosquitto(this);
        }
    }

    private final String executable = executable("mosquitto");
    private final Options options;
    private final Path directory;
    private final Path log;
    private final Thread atExit = new Thread(this::kill);
    private final int port = freePort();
    private final int tlsPort = freePort();
    private final int webSocketPort = freePort();
    private final int tlsWebSocketPort = freePort();
    private Process process;

    private Mosquitto(Options options) {
        this.options = options;
        try {
            directory = Files.createTempDirectory("mosquitto");
            log = directory.resolve("log");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Runtime.getRuntime().addShutdownHook(atExit);
        launch();
    }

    static Options options() {
        return new Options();
    }

    static Mosquitto start() {
        return options().start();
    }

    /** The path of one of Mosquitto's programs; if it is not there the calling test ends. */
    static String executable(String name) {
        return executable(name, "mosquitto mosquitto-clients");
    }

    /** The path of a program of these packages of Debian; if it is not there the calling test ends. */
    static String executable(String name, String packages) {
        String path = System.getenv("PATH") + File.pathSeparator + "/usr/sbin";
        for (String directory : path.split(File.pathSeparator)) {
            Path candidate = Path.of(directory, name);
            if (Files.isExecutable(candidate)) {
                return candidate.toString();
            }
        }
        String text = name + " is neither on the PATH nor in /usr/sbin; on Debian: apt-get install " + packages;
        if ("true".equals(System.getenv("HAWSER_REQUIRE_BROKERS"))) {
            throw new AssertionError(text + " (HAWSER_REQUIRE_BROKERS=true)");
        }
        return Assumptions.abort(text);
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void launch() {
        try {
            Path config = directory.resolve("mosquitto.conf");
            Files.write(config, configuration());
            process = new ProcessBuilder(executable, "-c", config.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        await("Mosquitto accepts connections").atMost(START).until(this::accepts);
    }

    private List<String> configuration() {
        List<String> lines = new ArrayList<>(options.lines);
        lines.add("allow_anonymous true");
        lines.add("persistence_location " + directory + "/");
        // Started by root it would become another user, who may not write here.
        lines.add("user " + System.getProperty("user.name"));
        // Not stdout, which is buffered when it is a file.
        lines.add("log_dest stderr");
        lines.add("log_type all");
        lines.add("listener " + port + " 127.0.0.1");
        if (!options.tls.isEmpty()) {
            listen(lines, tlsPort, options.tls);
        }
        if (options.webSockets) {
            listen(lines, webSocketPort, List.of("protocol websockets"));
        }
        if (options.webSockets && !options.tls.isEmpty()) {
            listen(lines, tlsWebSocketPort, options.tls);
            lines.add("protocol websockets");
        }
        if (options.unix) {
            lines.add("listener 0 " + socket());
        }
        return lines;
    }

    private static void listen(List<String> lines, int port, List<String> how) {
        lines.add("listener " + port + " 127.0.0.1");
        lines.addAll(how);
    }

    private boolean accepts() {
        if (!process.isAlive()) {
            throw new AssertionError("Mosquitto did not start:\n" + log());
        }
        // Mosquitto opens its listeners one after the other.
        return accepts(port)
                && (options.tls.isEmpty() || accepts(tlsPort))
                && (!options.webSockets || accepts(webSocketPort))
                && (!options.webSockets || options.tls.isEmpty() || accepts(tlsWebSocketPort))
                && (!options.unix || Files.exists(socket()));
    }

    private static boolean accepts(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    boolean isRunning() {
        return process.isAlive();
    }

    int port() {
        return port;
    }

    int tlsPort() {
        return tlsPort;
    }

    int webSocketPort() {
        return webSocketPort;
    }

    int tlsWebSocketPort() {
        return tlsWebSocketPort;
    }

    /** The file of the Unix domain socket. */
    Path socket() {
        return directory.resolve("socket");
    }

    String url() {
        return "mqtt://127.0.0.1:" + port;
    }

    /** All that it has logged, over restarts. */
    String log() {
        try {
            return Files.readString(log, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it in order: it saves what it is to keep. */
    void stop() {
        if (process.isAlive()) {
            resume();
            process.destroy();
            ended();
        }
    }

    /** Ends it at once: it saves nothing. */
    void kill() {
        process.destroyForcibly();
        ended();
    }

    private void ended() {
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                throw new AssertionError("Mosquitto does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Starts it again on the same ports, after stopping it if need be. */
    void restart() {
        stop();
        launch();
    }

    /** Stops it from running, while the kernel goes on accepting connections and bytes for it. */
    void pause() {
        signal("-STOP");
    }

    void resume() {
        signal("-CONT");
    }

    private void signal(String signal) {
        Programs.run("kill", signal, Long.toString(process.pid()));
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            kill();
        }
        Runtime.getRuntime().removeShutdownHook(atExit);
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
