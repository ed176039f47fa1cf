package io.hawser.benchmarks;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Starts the sink, and one process per run of a client, each on a core of its own where there are two and a {@code taskset}.
 * A client's process has only its own libraries on the class path, since searching others would cost it time at the start.
 */
final class Launcher implements Closeable {
    private static final int CLIENT_CORE = 0;
    private static final int SINK_CORE = 1;
    private static final String CLASSES = "/target/classes";
    private static final Map<String, List<String>> LIBRARIES = Map.of(
            "raw", List.of(),
            "netty", List.of("netty-"),
            "hawser",
                    List.of(
                            "hawser-client",
                            "netty-buffer-",
                            "netty-codec-base-",
                            "netty-common-",
                            "netty-handler-4",
                            "netty-resolver-4",
                            "netty-transport-",
                            "slf4j-"),
            "hivemq",
                    List.of("hivemq-", "rxjava-", "reactive-streams-", "netty-", "jctools-", "dagger-", "javax.inject"),
            "paho", List.of("org.eclipse.paho."),
            "vertx", List.of("vertx-", "netty-", "jackson-"),
            "fusesource", List.of("mqtt-client-", "hawt"));

    private final boolean pinned;
    private final List<String> jvmOptions;
    private final Process sink;
    private final BlockingQueue<String> sinkLines = new LinkedBlockingQueue<>();
    private final int port;

    Launcher(boolean pinned, List<String> jvmOptions) throws IOException, InterruptedException {
        this.pinned = pinned && canPin();
        this.jvmOptions = jvmOptions;
        // Its standard input is our end: when we are gone, so is the sink.
        this.sink = start(SINK_CORE, List.of(), classPath("raw"), Sink.class, List.of());
        Thread reader = new Thread(this::readSink, "sink-lines");
        reader.setDaemon(true);
        reader.start();
        String line = sinkLines.poll(30, TimeUnit.SECONDS);
        if (line == null) {
            throw new IOException("the sink does not start");
        }
        this.port = Integer.parseInt(line.substring(line.indexOf('=') + 1));
    }

    boolean isPinned() {
        return pinned;
    }

    private static boolean canPin() {
        return Runtime.getRuntime().availableProcessors() > 1
                && Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                        .anyMatch(directory -> Files.isExecutable(Path.of(directory, "taskset")));
    }

    private void readSink() {
        try (BufferedReader lines = sink.inputReader()) {
            lines.lines().forEach(sinkLines::add);
        } catch (IOException | UncheckedIOException e) {
            sinkLines.add("failed: " + e);
        }
    }

    private Process start(int core, List<String> options, String classPath, Class<?> main, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        if (pinned) {
            command.addAll(List.of("taskset", "-c", "" + core));
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", classPath, main.getName()));
        command.addAll(arguments);
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static String classPath(String client) {
        // The forms of a client differ by what follows a dash.
        String library = client.contains("-") ? client.substring(0, client.indexOf('-')) : client;
        List<String> own = new ArrayList<>(LIBRARIES.getOrDefault(library, List.of()));
        own.addAll(List.of("hawser-benchmarks", "hawser-core"));
        return String.join(
                File.pathSeparator,
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                        .filter(entry -> own.stream().anyMatch(name(entry)::startsWith))
                        .toList());
    }

    /** The name of a jar, or of the module whose classes are in this directory. */
    private static String name(String entry) {
        String path = entry.replace(File.separatorChar, '/');
        String named = path.endsWith(CLASSES) ? path.substring(0, path.length() - CLASSES.length()) : path;
        return named.substring(named.lastIndexOf('/') + 1);
    }

    /**
     * Runs a client to its end.
     *
     * @return its figures, with {@code wall}, the milliseconds to its first line; null if it failed, which it has said by then
     */
    @Nullable
    Map<String, Double> run(List<String> arguments, long timeoutSeconds) throws IOException, InterruptedException {
        sinkLines.clear();
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of("--port", "" + port));
        List<String> options = new ArrayList<>(List.of("-Dslf4j.internal.verbosity=ERROR"));
        options.addAll(jvmOptions);
        String client = arguments.get(arguments.indexOf("--client") + 1);
        long started = System.nanoTime();
        Process racer = start(CLIENT_CORE, options, classPath(client), Racer.class, all);
        Thread watch = new Thread(() -> killAfter(racer, timeoutSeconds), "racer-watch");
        watch.setDaemon(true);
        watch.start();
        try (BufferedReader lines = racer.inputReader(StandardCharsets.UTF_8)) {
            String line = lines.readLine();
            double wall = (System.nanoTime() - started) / 1e6;
            int exit = racer.waitFor();
            sinkLines.poll(5, TimeUnit.SECONDS);
            if (line == null || exit != 0) {
                return null;
            }
            Map<String, Double> figures = new HashMap<>(figures(line));
            figures.put("wall", wall);
            return figures;
        } finally {
            watch.interrupt();
        }
    }

    private static void killAfter(Process racer, long seconds) {
        try {
            if (!racer.waitFor(seconds, TimeUnit.SECONDS)) {
                System.err.println("race: stopped after " + seconds + " s");
                racer.destroyForcibly();
            }
        } catch (InterruptedException e) {
            // It has ended by itself.
        }
    }

    /** Of a line {@code name=1.5 other=2}. */
    static Map<String, Double> figures(String line) {
        Map<String, Double> figures = new HashMap<>();
        for (String figure : line.split(" ", -1)) {
            int equals = figure.indexOf('=');
            if (equals > 0) {
                figures.put(figure.substring(0, equals), Double.valueOf(figure.substring(equals + 1)));
            }
        }
        return figures;
    }

    @Override
    public void close() {
        sink.destroy();
    }
}
