package io.hawser.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What can be raced: groups of cells, each with those who take part. */
final class Cells {
    /**
     * A figure that a {@link Racer} prints.
     *
     * @param scale what it is divided by to be shown
     */
    record Figure(String key, String title, double scale) {}

    /** Somebody who takes part, with the arguments that tell them from the others. */
    record Entrant(String name, List<String> arguments) {
        String client() {
            return arguments.get(1);
        }
    }

    /** Arguments for all who take part, and whether warming up and seconds matter. */
    record Cell(String id, String title, List<Entrant> entrants, List<String> arguments) {}

    /** Cells that stand beside each other in one table. The first figure is the one that counts. */
    record Group(String id, String title, List<Cell> cells, List<Figure> figures) {}

    private static final Figure RATE = new Figure("rate", "million messages per second", 1e6);
    private static final Figure THOUSANDS = new Figure("rate", "thousand messages per second", 1e3);
    private static final Figure SINGLE = new Figure("rate", "messages per second", 1);
    private static final Figure CPU = new Figure("cpu", "CPU time per message, µs", 1);
    private static final Figure ALLOCATED = new Figure("bytes", "bytes allocated per message", 1);

    /** Differs from Hawser in publishing only. */
    private static final String CHAINED = "hawser-chained";

    /** The same of fusesource: publishing from a thread of the program, as with every other client, and not from its own. */
    private static final String CALLED = "fusesource-called";

    private static final Set<String> PUBLISHING = Set.of(CHAINED, CALLED);

    private static final Map<String, String> NAMES = Map.ofEntries(
            Map.entry("raw", "raw socket, no client"),
            Map.entry("netty", "netty-codec-mqtt, bare"),
            Map.entry("hawser", "Hawser"),
            Map.entry(CHAINED, "Hawser, chained"),
            Map.entry("hivemq", "HiveMQ, async"),
            Map.entry("hivemq-rx", "HiveMQ, Rx"),
            Map.entry("paho-v3", "Paho v3"),
            Map.entry("paho-v5", "Paho v5"),
            Map.entry("vertx", "vertx-mqtt"),
            Map.entry("fusesource", "fusesource"),
            Map.entry(CALLED, "fusesource, called"));

    private Cells() {}

    static List<Group> all() {
        return List.of(small(), kibibyte(), large(), huge(), roundTrip(), store(), subscriptions(), idle(), first());
    }

    private static List<Entrant> everybody() {
        return Contestants.NAMES.stream()
                .filter(client -> !PUBLISHING.contains(client))
                .map(Cells::entrant)
                .toList();
    }

    private static List<Entrant> everybodyInEveryForm() {
        return Contestants.NAMES.stream().map(Cells::entrant).toList();
    }

    private static List<Entrant> only(String... clients) {
        return Arrays.stream(clients).map(Cells::entrant).toList();
    }

    private static Entrant entrant(String client) {
        return new Entrant(NAMES.getOrDefault(client, client), List.of("--client", client));
    }

    private static Cell cell(String id, String title, List<Entrant> entrants, String... arguments) {
        return new Cell(id, title, entrants, List.of(arguments));
    }

    /** Publishing and receiving at each of these qualities of service. */
    private static List<Cell> directions(String suffix, int[] qualities, List<Entrant> entrants, String... more) {
        List<Cell> cells = new ArrayList<>();
        for (String mode : List.of("pub", "sub")) {
            for (int qos : qualities) {
                List<String> arguments = new ArrayList<>(List.of("--mode", mode, "--qos", "" + qos));
                arguments.addAll(List.of(more));
                String title = (mode.equals("pub") ? "publish" : "receive") + " QoS " + qos;
                List<Entrant> different = entrants.stream()
                        .filter(entrant -> mode.equals("pub") || !PUBLISHING.contains(entrant.client()))
                        .toList();
                cells.add(new Cell(mode + qos + suffix, title, different, arguments));
            }
        }
        return cells;
    }

    private static Group small() {
        return new Group(
                "small",
                "64 bytes, 1,000 in flight",
                directions("", new int[] {0, 1, 2}, everybodyInEveryForm(), "--size", "64"),
                List.of(RATE, CPU, ALLOCATED));
    }

    private static Group kibibyte() {
        return new Group(
                "1k",
                "1 KiB, 1,000 in flight",
                directions("-1k", new int[] {0, 1}, everybody(), "--size", "1024"),
                List.of(THOUSANDS, CPU, ALLOCATED));
    }

    private static Group large() {
        return new Group(
                "64k",
                "64 KiB, 200 in flight",
                directions(
                        "-64k",
                        new int[] {0, 1},
                        everybody(),
                        "--size",
                        "65536",
                        "--inflight",
                        "200",
                        "--pending",
                        "200"),
                List.of(THOUSANDS, CPU, ALLOCATED));
    }

    private static Group huge() {
        return new Group(
                "1m",
                "1 MiB, 16 in flight",
                directions(
                        "-1m",
                        new int[] {0, 1},
                        only("raw", "netty", "hawser", "hivemq", "fusesource"),
                        "--size",
                        "1048576",
                        "--inflight",
                        "16",
                        "--pending",
                        "16"),
                List.of(SINGLE, CPU, ALLOCATED));
    }

    private static Group roundTrip() {
        return new Group(
                "roundtrip",
                "One message at a time, QoS 1, 64 bytes",
                List.of(cell("rtt", "publish to PUBACK", everybody(), "--mode", "roundtrip", "--qos", "1")),
                List.of(new Figure("p50", "p50, µs", 1), new Figure("p99", "p99, µs", 1)));
    }

    private static Group store() {
        List<Entrant> entrants = new ArrayList<>();
        for (String store : List.of("none", "memory", "process", "lazy", "power")) {
            String name = store.equals("none") ? "Hawser, no kept session" : "Hawser, " + store;
            entrants.add(new Entrant(name, List.of("--client", "hawser", "--store", store)));
        }
        entrants.add(new Entrant("raw socket, written to a file", List.of("--client", "raw", "--store", "process")));
        entrants.add(new Entrant("raw socket, forced to disk", List.of("--client", "raw", "--store", "power")));
        entrants.add(new Entrant("Paho v3, in files", List.of("--client", "paho-v3", "--store", "process")));
        return new Group(
                "store",
                "Publishing with a session store, QoS 1, 128 bytes, 1,000 in flight",
                List.of(cell("store", "publish QoS 1", entrants, "--mode", "pub", "--qos", "1", "--size", "128")),
                List.of(THOUSANDS, CPU, ALLOCATED));
    }

    private static Group subscriptions() {
        List<Entrant> entrants = List.of(
                new Entrant("one wildcard subscription", List.of("--client", "hawser")),
                new Entrant("10,000 more", List.of("--client", "hawser", "--filters", "10000")));
        return new Group(
                "subscriptions",
                "Hawser receiving with many subscriptions, QoS 1, 64 bytes",
                List.of(
                        cell("filters-1", "one topic", entrants, "--mode", "sub", "--qos", "1", "--topics", "1"),
                        cell(
                                "filters-1000",
                                "1,000 topics",
                                entrants,
                                "--mode",
                                "sub",
                                "--qos",
                                "1",
                                "--topics",
                                "1000")),
                List.of(RATE, CPU));
    }

    private static Group idle() {
        return new Group(
                "idle",
                "10,000 idle connections",
                List.of(cell(
                        "idle",
                        "per connection",
                        only("netty", "hawser", "hivemq", "vertx", "fusesource"),
                        "--mode",
                        "idle",
                        "--size",
                        "0",
                        "--count",
                        "10000")),
                List.of(new Figure("heap", "bytes of heap each", 1), new Figure("threads", "threads in all", 1)));
    }

    private static Group first() {
        return new Group(
                "first",
                "From the start of the JVM to the first PUBACK",
                List.of(cell(
                        "first",
                        "wall clock",
                        only("raw", "netty", "hawser", "hivemq", "paho-v3", "paho-v5", "vertx", "fusesource"),
                        "--mode",
                        "first",
                        "--qos",
                        "1")),
                List.of(new Figure("wall", "ms", 1)));
    }
}
