package io.hawser.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Races all clients over all cells, round by round, each run in a process of its own, and writes the medians as a Markdown
 * table and as charts. {@code benchmarks/race --help} tells its options.
 */
final class Race {
    private static final String HELP = """
            Usage: benchmarks/race [options]
              --cells NAMES    groups or cells, separated by commas (default: small); 'all'; --list shows them
              --clients NAMES  only these (default: all that take part in a cell)
              --rounds N       each client once per round; medians are of so many (default 3)
              --warmup S       seconds before measuring (default 8): on one core, the compiler needs that long
              --seconds S      seconds of measuring (default 5)
              --unpinned       without taskset: on all cores
              --jvm OPTIONS    for the clients' JVMs, separated by blanks
              --out DIRECTORY  for the table and the charts (default: benchmarks/results)
              --name NAME      of their files (default: race)
              --quick          tiny: shows that everything runs, and measures nothing
              --list           names the groups, cells and clients
            """;

    private record Options(
            Set<String> cells,
            Set<String> clients,
            int rounds,
            double warmup,
            double seconds,
            boolean pinned,
            List<String> jvm,
            Path out,
            String name,
            boolean quick) {

        static Options parse(Arguments arguments) {
            boolean quick = arguments.flag("quick");
            String jvm = arguments.text("jvm", "");
            Options options = new Options(
                    names(arguments.text("cells", quick ? "all" : "small")),
                    names(arguments.text("clients", "")),
                    arguments.number("rounds", quick ? 1 : 3),
                    arguments.seconds("warmup", quick ? 0.1 : 8),
                    arguments.seconds("seconds", quick ? 0.1 : 5),
                    !arguments.flag("unpinned"),
                    jvm.isEmpty() ? List.of() : List.of(jvm.split(" ", -1)),
                    Path.of(arguments.text("out", "benchmarks/results")),
                    arguments.text("name", "race"),
                    quick);
            arguments.requireAllUsed();
            return options;
        }

        private static Set<String> names(String list) {
            return list.isEmpty() ? Set.of() : Set.of(list.split(",", -1));
        }
    }

    private final Options options;
    private final Results results = new Results();
    private final StringBuilder log = new StringBuilder();
    private int failures;

    private Race(Options options) {
        this.options = options;
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        Arguments arguments = Arguments.parse(args);
        if (arguments.flag("help")) {
            System.out.print(HELP);
        } else if (arguments.flag("list")) {
            list();
        } else if (run(args) > 0) {
            System.exit(1);
        }
    }

    private static void list() {
        for (Cells.Group group : Cells.all()) {
            System.out.println(group.id() + ": " + group.title());
            for (Cells.Cell cell : group.cells()) {
                System.out.println("  " + cell.id() + ": " + cell.title());
            }
        }
        System.out.println("clients: " + String.join(", ", Contestants.NAMES));
    }

    /** The number of runs that failed. */
    static int run(String... args) throws IOException, InterruptedException {
        Race race = new Race(Options.parse(Arguments.parse(args)));
        List<Cells.Group> groups = race.chosen();
        try (Launcher launcher = new Launcher(race.options.pinned, race.options.jvm)) {
            for (int round = 1; round <= race.options.rounds; round++) {
                race.round(launcher, groups, round);
            }
            race.write(groups, launcher.isPinned());
        }
        return race.failures;
    }

    private List<Cells.Group> chosen() {
        List<Cells.Group> chosen = new ArrayList<>();
        for (Cells.Group group : Cells.all()) {
            boolean whole = options.cells.contains("all") || options.cells.contains(group.id());
            List<Cells.Cell> cells = group.cells().stream()
                    .filter(cell -> whole || options.cells.contains(cell.id()))
                    .toList();
            if (!cells.isEmpty()) {
                chosen.add(new Cells.Group(group.id(), group.title(), cells, group.figures()));
            }
        }
        if (chosen.isEmpty()) {
            throw new IllegalArgumentException("--cells is '" + String.join(",", options.cells) + "', see --list");
        }
        return chosen;
    }

    private void round(Launcher launcher, List<Cells.Group> groups, int round)
            throws IOException, InterruptedException {
        for (Cells.Group group : groups) {
            for (Cells.Cell cell : group.cells()) {
                for (Cells.Entrant entrant : cell.entrants()) {
                    if (options.clients.isEmpty() || options.clients.contains(entrant.client())) {
                        run(launcher, cell, entrant, round);
                    }
                }
            }
        }
    }

    private void run(Launcher launcher, Cells.Cell cell, Cells.Entrant entrant, int round)
            throws IOException, InterruptedException {
        long timeout = (long) (120 + options.warmup + options.seconds);
        Map<String, Double> figures = launcher.run(arguments(cell, entrant), timeout);
        String what = "round " + round + ", " + cell.id() + ", " + entrant.name() + ": ";
        if (figures == null) {
            failures++;
            note(what + "failed");
        } else {
            results.add(cell, entrant, figures);
            note(what
                    + figures.entrySet().stream()
                            .sorted(Map.Entry.comparingByKey())
                            .map(figure -> figure.getKey() + "=" + figure.getValue())
                            .collect(Collectors.joining(" ")));
        }
    }

    private void note(String line) {
        System.err.println(line);
        log.append(line).append('\n');
    }

    private List<String> arguments(Cells.Cell cell, Cells.Entrant entrant) {
        List<String> arguments = new ArrayList<>(entrant.arguments());
        arguments.addAll(cell.arguments());
        arguments.addAll(List.of("--warmup", "" + options.warmup, "--seconds", "" + options.seconds));
        if (options.quick) {
            shrink(arguments, "--count", 20);
            shrink(arguments, "--filters", 50);
        }
        return arguments;
    }

    private static void shrink(List<String> arguments, String option, int value) {
        int at = arguments.indexOf(option);
        if (at >= 0) {
            arguments.set(at + 1, "" + value);
        }
    }

    private void write(List<Cells.Group> groups, boolean pinned) throws IOException {
        String machine = machine(pinned);
        StringBuilder page = new StringBuilder("## Race\n\n" + machine + "\nMedians of " + options.rounds
                + " interleaved rounds, each of " + options.seconds + " s after " + options.warmup
                + " s of warming up, every run in a JVM of its own. Again: `benchmarks/race"
                + (options.cells.isEmpty() ? "" : " --cells " + String.join(",", options.cells)) + "`.\n");
        page.append(Table.of(results, groups));
        Files.createDirectories(options.out);
        for (Cells.Group group : groups) {
            String file = options.name + "-" + group.id() + ".svg";
            Files.writeString(options.out.resolve(file), Chart.of(results, group, machine));
            page.append("\n![").append(group.title()).append("](").append(file).append(")\n");
        }
        Files.writeString(options.out.resolve(options.name + ".md"), page);
        Files.writeString(options.out.resolve(options.name + ".log"), log);
        System.out.print(page);
    }

    private static String machine(boolean pinned) throws IOException {
        Runtime runtime = Runtime.getRuntime();
        String cores = runtime.availableProcessors() + " cores" + orNothing(processor());
        return cores + ", " + System.getProperty("os.name") + " " + System.getProperty("os.version") + ", JDK "
                + System.getProperty("java.version") + "; "
                + (pinned ? "client pinned to one core, sink to another." : "not pinned.");
    }

    private static String orNothing(@Nullable String processor) {
        return processor == null ? "" : " of " + processor;
    }

    private static @Nullable String processor() throws IOException {
        Path information = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(information)) {
            return null;
        }
        try (Stream<String> lines = Files.lines(information)) {
            return lines.filter(line -> line.toLowerCase(Locale.ROOT).startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(null);
        }
    }
}
