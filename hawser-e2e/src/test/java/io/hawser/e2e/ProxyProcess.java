package io.hawser.e2e;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A proxy of the test's own: tinyproxy (HTTP) or microsocks (SOCKS5), a process on a free port of the loopback interface that wants the
 * user {@value #USER} with the password {@value #PASSWORD}. Where it is not installed the test is skipped, or fails if {@code
 * HAWSER_REQUIRE_BROKERS=true}.
 */
final class ProxyProcess implements AutoCloseable {
    static final String USER = "me";
    static final String PASSWORD = "hunter2";

    private final int port;
    private final Process process;
    private final Thread atExit;

    private ProxyProcess(int port, List<String> command) {
        this.port = port;
        try {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        atExit = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(atExit);
        await(command.get(0) + " accepts connections")
                .atMost(Duration.ofSeconds(20))
                .until(this::accepts);
    }

    /** An HTTP proxy that makes tunnels to all ports. */
    static ProxyProcess tinyproxy(Path directory) throws IOException {
        String executable = Mosquitto.executable("tinyproxy", "tinyproxy");
        int port = Mosquitto.freePort();
        Path config = Files.write(
                directory.resolve("tinyproxy.conf"),
                List.of(
                        "Port " + port,
                        "Listen 127.0.0.1",
                        "Timeout 600",
                        "MaxClients 500",
                        "LogFile \"" + directory.resolve("tinyproxy.log") + "\"",
                        "BasicAuth " + USER + " " + PASSWORD));
        return new ProxyProcess(port, List.of(executable, "-d", "-c", config.toString()));
    }

    static ProxyProcess microsocks() {
        String executable = Mosquitto.executable("microsocks", "microsocks");
        int port = Mosquitto.freePort();
        return new ProxyProcess(
                port, List.of(executable, "-i", "127.0.0.1", "-p", Integer.toString(port), "-u", USER, "-P", PASSWORD));
    }

    private boolean accepts() {
        if (!process.isAlive()) {
            throw new AssertionError("the proxy has ended by itself");
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

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().removeShutdownHook(atExit);
    }
}
