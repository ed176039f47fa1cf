package io.hawser.cli;

import io.hawser.store.file.FileSessionStore;
import io.hawser.text.Utf8;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hawser session}: looks into a store of sessions, and repairs it. */
@Command(
        name = "session",
        sortOptions = false,
        description = "Show, verify, export or repair the sessions that --store has kept in a directory.",
        footer = {
            "",
            "Without -i: all sessions of the store. Only --repair, --retry and --drop change anything. A session that"
                    + " another process has open can be listed and verified, as far as that process stands still; the rest"
                    + " is refused.",
            "",
            "Exit code: 0; 1 if --verify finds damage, or --repair leaves some; 74 if the store cannot be read, or"
                    + " another process has the session open."
        })
final class SessionCommand implements Callable<Integer> {
    @Parameters(arity = "1", paramLabel = "DIR", description = "The directory given to --store.")
    @Nullable
    Path directory;

    @Option(
            names = {"-i", "--id"},
            paramLabel = "ID",
            description = "Only the session of this client identifier.")
    @Nullable
    String id;

    @ArgGroup
    @Nullable
    Action action;

    @Option(names = "--json", description = "List each session as one JSON object on a line.")
    boolean json;

    @Option(names = "--help", usageHelp = true, description = "Print this help.")
    boolean help;

    /** What is done other than to list; one at most. */
    static final class Action {
        @Option(names = "--verify", description = "Read everything, and say what is damaged, with file and offset.")
        boolean verify;

        @Option(
                names = "--export",
                description =
                        "Print the messages in their order, each as one JSON object on a line: as with sub --json (tst"
                                + " is when it was accepted), and clientId, sequence, key, state (waiting, sent, released,"
                                + " set aside, acknowledged or failed) and packetId.")
        boolean export;

        @Option(
                names = "--repair",
                description =
                        "Keep what can be read, put damaged files into the session's directory \"quarantine\", and say"
                                + " what was lost. Opening a session for publishing does the same.")
        boolean repair;

        @Option(
                names = "--retry",
                paramLabel = "SEQUENCE",
                description =
                        "Let the next client send a message as any other that was set aside because the broker ended"
                                + " connections on it. Needs -i.")
        @Nullable
        Long retry;

        @Option(
                names = "--drop",
                paramLabel = "SEQUENCE",
                description = "Drop such a message. If it has a key, the next client hears that outcome. Needs -i.")
        @Nullable
        Long drop;
    }

    @Override
    public Integer call() throws IOException {
        return run(System.out);
    }

    int run(PrintStream out) throws IOException {
        Path where = directory;
        if (where == null || !Files.isDirectory(where)) {
            throw new IOException("\"" + where + "\" is not a directory.");
        }
        if (json && action != null) {
            throw new IllegalArgumentException("--json is for the list; --export writes JSON anyway.");
        }
        Long setAside = action == null ? null : action.drop != null ? action.drop : action.retry;
        if (setAside != null && id == null) {
            throw new IllegalArgumentException("--retry and --drop need -i: sequences are counted in each session.");
        }
        FileSessionStore store = FileSessionStore.at(where);
        SessionReport report = new SessionReport(store, out);
        List<String> ids = ids(store);
        if (action == null) {
            report.list(ids, json);
            return 0;
        }
        if (setAside != null) {
            report.release(ids.get(0), setAside, action.drop != null);
            return 0;
        }
        boolean sound = true;
        for (String clientId : ids) {
            if (action.export) {
                report.export(clientId);
            } else {
                sound &= action.verify ? report.verify(clientId) : report.repair(clientId);
            }
        }
        return sound ? 0 : Failure.ERROR;
    }

    private List<String> ids(FileSessionStore store) throws IOException {
        List<String> all = store.clientIds();
        if (id != null && !all.contains(id)) {
            throw new IOException(
                    "The store in " + store.directory() + " has no session of '" + Utf8.printable(id) + "'.");
        }
        if (all.isEmpty()) {
            System.err.println("No sessions in " + store.directory());
        }
        tellOfNameless(store, all);
        return id == null ? all : List.of(id);
    }

    /** A session whose file "client" is lost or damaged can be opened by its client only, which knows its name. */
    private static void tellOfNameless(FileSessionStore store, List<String> ids) throws IOException {
        List<Path> known = ids.stream().map(store::directory).toList();
        try (Stream<Path> entries = Files.list(store.directory())) {
            entries.filter(entry -> entry.getFileName().toString().matches("[0-9a-f]{64}"))
                    .filter(entry -> !known.contains(entry))
                    .sorted()
                    .forEach(entry -> System.err.println("Warning: " + entry
                            + " does not say which client it belongs to; that client can still open it."));
        }
    }
}
