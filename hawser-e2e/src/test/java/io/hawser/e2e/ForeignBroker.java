package io.hawser.e2e;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A RabbitMQ, ejabberd, aedes or Moquette of the test's own: a process on free ports of the loopback interface, with its files in a
 * directory that goes with it. Where the broker is not installed the test is skipped, or fails if
 * {@code HAWSER_REQUIRE_BROKERS=true}.
 */
final class ForeignBroker implements AutoCloseable {
    /** Virtual machines of Erlang start in seconds, on a machine that is five times as slow in half a minute. */
    private static final Duration START = Duration.ofMinutes(2);

    private static final Path RABBITMQ = Path.of("/usr/lib/rabbitmq/bin/rabbitmq-server");
    /** Where Debian keeps the Erlang libraries of ejabberd, below the folder of the processor. */
    private static final Path LIBRARIES = Path.of("/usr/lib");

    private final String name;
    private final Path directory;
    private final int port = freePort();
    private final int webSocketPort = freePort();
    private final Thread atExit = new Thread(this::kill);
    private Process process;

    private ForeignBroker(String name) {
        this.name = name;
        try {
            directory = Files.createTempDirectory(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    static ForeignBroker rabbitMq() {
        require(Files.isExecutable(RABBITMQ), "RabbitMQ", "rabbitmq-server");
        ForeignBroker broker = new ForeignBroker("rabbitmq");
        Path config = broker.write(
                "rabbitmq.conf",
                "listeners.tcp = none",
                "mqtt.listeners.tcp.1 = 127.0.0.1:" + broker.port,
                "mqtt.allow_anonymous = true",
                "web_mqtt.tcp.ip = 127.0.0.1",
                "web_mqtt.tcp.port = " + broker.webSocketPort);
        Path plugins = broker.write("enabled_plugins", "[rabbitmq_mqtt,rabbitmq_web_mqtt].");
        Path home = broker.directory;
        // The port mapper of Erlang is one of the test's own, too, and ends with it.
        return broker.launch(
                Map.of(
                        "HOME", home.toString(),
                        "RABBITMQ_NODENAME", "hawser" + broker.port + "@localhost",
                        "RABBITMQ_MNESIA_BASE", home.resolve("mnesia").toString(),
                        "RABBITMQ_LOG_BASE", home.resolve("log").toString(),
                        "RABBITMQ_CONFIG_FILE", config.toString(),
                        "RABBITMQ_ENABLED_PLUGINS_FILE", plugins.toString(),
                        "RABBITMQ_DIST_PORT", Integer.toString(freePort()),
                        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}",
                        "ERL_EPMD_ADDRESS", "127.0.0.1",
                        "ERL_EPMD_PORT", Integer.toString(freePort())),
                List.of(RABBITMQ.toString()));
    }

    /** An ejabberd that takes any user of {@code localhost} without a password. */
    static ForeignBroker ejabberd() {
        Path libraries = ejabberdLibraries();
        require(libraries != null, "ejabberd", "ejabberd");
        ForeignBroker broker = new ForeignBroker("ejabberd");
        Path config = broker.write(
                "ejabberd.yml",
                "hosts: [localhost]",
                "auth_method: [anonymous]",
                "anonymous_protocol: login_anon",
                "allow_multiple_connections: true",
                "listen:",
                "  - port: " + broker.port,
                "    ip: \"127.0.0.1\"",
                "    module: mod_mqtt",
                "  - port: " + broker.webSocketPort,
                "    ip: \"127.0.0.1\"",
                "    module: ejabberd_http",
                "    request_handlers:",
                "      /mqtt: mod_mqtt",
                "modules:",
                "  mod_mqtt: {}");
        return broker.launch(
                Map.of(
                        "HOME", broker.directory.toString(),
                        "EJABBERD_CONFIG_PATH", config.toString(),
                        "EJABBERD_LOG_PATH",
                                broker.directory.resolve("ejabberd.log").toString(),
                        "ERL_LIBS", libraries.toString()),
                List.of("erl", "-noinput", "-mnesia", "dir", "\"" + broker.directory + "\"", "-s", "ejabberd"));
    }

    /** aedes, whose packages .ci/run has put into the folder of the user's caches. */
    static ForeignBroker aedes() {
        Path modules = Path.of(System.getProperty("user.home"), ".cache", "hawser", "aedes-1.2.0", "node_modules");
        require(
                Files.isDirectory(modules.resolve("aedes")) && Files.isDirectory(modules.resolve("ws")),
                "aedes",
                "nodejs npm; .ci/run fetches its packages");
        ForeignBroker broker = new ForeignBroker("aedes");
        try (InputStream script = ForeignBroker.class.getResourceAsStream("/aedes.mjs")) {
            Files.copy(script, broker.directory.resolve("aedes.mjs"));
            Files.createSymbolicLink(broker.directory.resolve("node_modules"), modules);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return broker.launch(
                Map.of(),
                List.of(
                        Mosquitto.executable("node", "nodejs"),
                        "aedes.mjs",
                        Integer.toString(broker.port),
                        Integer.toString(broker.webSocketPort)));
    }

    /** Moquette, whose jars the Maven profile {@code brokers} has copied: they need another Netty than the tests. */
    static ForeignBroker moquette() {
        Path jars = Path.of("target", "moquette").toAbsolutePath();
        require(Files.isDirectory(jars), "Moquette", "nothing; mvn verify -Pbrokers fetches its jars");
        ForeignBroker broker = new ForeignBroker("moquette");
        broker.write(
                "config/moquette.conf",
                "host 127.0.0.1",
                "port " + broker.port,
                "allow_anonymous true",
                "persistence_enabled false",
                "telemetry_enabled false");
        return broker.launch(
                Map.of(),
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-Dmoquette.path=" + broker.directory,
                        "-cp",
                        jars + File.separator + "*",
                        "io.moquette.broker.Server"));
    }

    private static Path ejabberdLibraries() {
        try (Stream<Path> folders = Files.find(
                LIBRARIES,
                2,
                (path, attributes) -> path.getFileName().toString().startsWith("ejabberd-"))) {
            return folders.findFirst().map(Path::getParent).orElse(null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void require(boolean there, String name, String packages) {
        if (there) {
            return;
        }
        String text = name + " is not installed; on Debian: apt-get install " + packages;
        if ("true".equals(System.getenv("HAWSER_REQUIRE_BROKERS"))) {
            throw new AssertionError(text + " (HAWSER_REQUIRE_BROKERS=true)");
        }
        Assumptions.abort(text);
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path write(String file, String... lines) {
        try {
            Path path = directory.resolve(file);
            Files.createDirectories(path.getParent());
            return Files.write(path, List.of(lines));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ForeignBroker launch(Map<String, String> environment, List<String> command) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("out").toFile());
            builder.environment().putAll(environment);
            process = builder.start();
            await(name + " accepts connections").atMost(START).until(this::accepts);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private boolean accepts() throws IOException {
        if (!process.isAlive()) {
            throw new AssertionError(
                    name + " did not start:\n" + Files.readString(directory.resolve("out"), StandardCharsets.UTF_8));
        }
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    int port() {
        return port;
    }

    int webSocketPort() {
        return webSocketPort;
    }

    /** Stops the broker from running, while the kernel goes on accepting connections and bytes for it. */
    void pause() {
        signal("-STOP");
    }

    void resume() {
        signal("-CONT");
    }

    private void signal(String signal) {
        Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .forEach(each -> Programs.run("kill", signal, Long.toString(each.pid())));
    }

    /** Where RabbitMQ has its WebSocket. */
    String webSocketUrl() {
        return "ws://127.0.0.1:" + webSocketPort + "/ws";
    }

    String url() {
        return "mqtt://127.0.0.1:" + port;
    }

    /** Ends the broker and what it has started. */
    private void kill() {
        if (process != null) {
            List<ProcessHandle> children = process.descendants().toList();
            process.destroyForcibly();
            children.forEach(ProcessHandle::destroyForcibly);
        }
        // The port mapper leaves the family of the process that starts it; its folder tells whose it is.
        ProcessHandle.allProcesses()
                .filter(other -> other.info().command().orElse("").endsWith("/epmd"))
                .filter(this::isOurs)
                .forEach(ProcessHandle::destroyForcibly);
    }

    private boolean isOurs(ProcessHandle other) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(other.pid()), "environ"))
                    .contains("HOME=" + directory + "\0");
        } catch (IOException gone) {
            return false;
        }
    }

    @Override
    public void close() {
        kill();
        if (process != null) {
            try {
                process.waitFor(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        Runtime.getRuntime().removeShutdownHook(atExit);
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
