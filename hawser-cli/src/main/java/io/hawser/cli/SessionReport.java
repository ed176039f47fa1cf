package io.hawser.cli;

import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.mqtt.StoreException;
import io.hawser.store.SessionContents;
import io.hawser.store.SessionContents.StoredPublish;
import io.hawser.store.SessionLog;
import io.hawser.store.file.FileSessionStore;
import io.hawser.text.Utf8;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What {@code hawser session} says of the sessions of a store. */
final class SessionReport {
    private static final long SINK_BYTES = 2L * 1024 * 1024;
    private static final int ATTEMPTS = 5;
    private static final String ROW = "%-24s %10s %12s %9s %9s %9s %9s %9s %10s  %s%n";

    private final FileSessionStore store;
    private final PrintStream out;

    SessionReport(FileSessionStore store, PrintStream out) {
        this.store = store;
        this.out = out;
    }

    /** What is in a session, in figures. */
    private record Figures(
            int waiting,
            long waitingBytes,
            int inflight,
            int unheard,
            List<StoredPublish> setAside,
            int received,
            List<String> subscriptions,
            int segments,
            long bytesOnDisk,
            int quarantined,
            @Nullable String holder,
            @Nullable String damage) {}

    void list(List<String> ids, boolean json) throws IOException {
        if (!json && !ids.isEmpty()) {
            out.printf(
                    ROW,
                    "client",
                    "waiting",
                    "bytes",
                    "in flight",
                    "unheard",
                    "received",
                    "filters",
                    "segments",
                    "on disk",
                    "open in");
        }
        for (String id : ids) {
            Figures figures = figures(id);
            if (json) {
                out.println(json(id, figures));
            } else {
                row(id, figures);
            }
        }
    }

    private void row(String id, Figures figures) {
        out.printf(
                Locale.ROOT,
                ROW,
                Utf8.printable(id),
                figures.waiting,
                figures.waitingBytes,
                figures.inflight,
                figures.unheard,
                figures.received,
                figures.subscriptions.size(),
                figures.segments,
                figures.bytesOnDisk,
                figures.holder == null ? "-" : Utf8.printable(figures.holder));
        for (StoredPublish publish : figures.setAside) {
            out.println("  set aside: " + inWords(publish) + "; the broker ended connections on it");
        }
        if (figures.damage != null) {
            out.println("  " + figures.damage);
        }
        if (figures.quarantined > 0) {
            out.println("  " + figures.quarantined + " damaged files of former times are in "
                    + store.directory(id).resolve("quarantine"));
        }
    }

    private static String inWords(StoredPublish publish) {
        return "sequence " + publish.sequence() + ", "
                + publish.message().payloadSize() + " bytes to '"
                + Utf8.printable(publish.message().topic()) + "', "
                + publish.message().qos();
    }

    private static String json(String id, Figures figures) {
        StringBuilder filters = new StringBuilder("[");
        for (String filter : figures.subscriptions) {
            if (filters.length() > 1) {
                filters.append(',');
            }
            Json.quote(filter, filters);
        }
        Json json = Json.object()
                .put("clientId", id)
                .put("waiting", figures.waiting)
                .put("waitingBytes", figures.waitingBytes)
                .put("inflight", figures.inflight)
                .put("unheard", figures.unheard)
                .put("setAside", figures.setAside.size())
                .put("received", figures.received)
                .putRaw("subscriptions", filters + "]")
                .put("segments", figures.segments)
                .put("bytesOnDisk", figures.bytesOnDisk)
                .put("quarantined", figures.quarantined);
        if (figures.holder != null) {
            json.put("holder", figures.holder);
        }
        return (figures.damage == null ? json : json.put("damage", figures.damage)).toString();
    }

    /** A client that has the session open removes files now and then, also while they are read here. */
    private Figures figures(String id) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                return figuresNow(id);
            } catch (StoreException e) {
                if (!(e.getCause() instanceof NoSuchFileException) || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private Figures figuresNow(String id) throws IOException {
        String holder = store.holder(id);
        SessionContents contents = store.snapshot(id);
        StoredSession session = new StoredSession(contents);
        List<StoredPublish> setAside = session.setAside();
        int unheard =
                (int) session.held().stream().filter(StoredSession::isConcluded).count();
        StoreException damage = contents.damage();
        List<Path> segments = files(store.directory(id), ".log");
        long bytes = 0;
        for (Path segment : segments) {
            bytes += size(segment);
        }
        return new Figures(
                contents.waiting(),
                contents.waitingBytes(),
                session.held().size() - unheard,
                unheard,
                setAside,
                session.received(),
                session.subscriptions().stream()
                        .map(subscription -> subscription.filter().toString())
                        .toList(),
                segments.size(),
                bytes,
                files(store.directory(id).resolve("quarantine"), "").size(),
                holder,
                damage == null ? null : damage.getMessage());
    }

    private static List<Path> files(Path directory, String suffix) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(suffix)).toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /** A client that has the session open may remove a file at any time. */
    private static long size(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    /** Says what is damaged; returns whether nothing is. */
    boolean verify(String id) {
        List<String> findings = store.verify(id);
        String name = Utf8.printable(id);
        findings.forEach(finding -> out.println(name + ": " + finding));
        if (findings.isEmpty()) {
            out.println(name + ": sound");
            return true;
        }
        out.println(name + ": in " + store.directory(id));
        String holder = store.holder(id);
        if (holder != null) {
            out.println(name + ": open in " + Utf8.printable(holder) + ", so it may have changed while it was read");
        }
        return false;
    }

    /** Opens the session as a client does, reads all of it, and says what was given up; returns whether it is sound now. */
    boolean repair(String id) {
        String name = Utf8.printable(id);
        SessionLog log = store.open(id);
        StoreException damage;
        try {
            new StoredSession(log).forEach(publish -> {});
            damage = log.damage();
        } finally {
            log.close();
        }
        List<String> left = store.verify(id);
        out.println(name + ": " + (damage == null ? "nothing to repair" : damage.getMessage()));
        left.forEach(finding -> out.println(name + ": still damaged: " + finding));
        return left.isEmpty();
    }

    /** Prints the messages of a session in the order in which they were accepted. */
    void export(String id) {
        String holder = store.holder(id);
        if (holder != null) {
            throw new StoreException(
                    "session '" + Utf8.printable(id) + "' in " + store.directory(id) + " is open in another client: "
                            + Utf8.printable(holder),
                    null);
        }
        ByteSink sink = new ByteSink();
        new StoredSession(store.snapshot(id)).forEach(publish -> print(id, publish, sink));
        flush(sink);
    }

    /** Lets the next client send a message that is set aside, or drops it. */
    void release(String id, long sequence, boolean drops) {
        SessionLog log = store.open(id);
        try {
            StoredSession session = new StoredSession(log);
            StoredPublish publish = session.setAside().stream()
                    .filter(each -> each.sequence() == sequence)
                    .findAny()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "Session '" + Utf8.printable(id) + "' has no message " + sequence + " that is set aside."));
            if (drops) {
                StoredSession.drop(
                        publish,
                        RequestRejectedException.endedConnection(
                                "PUBLISH to '"
                                        + Utf8.printable(publish.message().topic())
                                        + "' is refused by the broker: it ended connections on it, and hawser session"
                                        + " --drop took it out",
                                null,
                                ReasonCode.UNSPECIFIED_ERROR),
                        log);
            } else {
                StoredSession.retry(publish, log);
            }
            log.sync();
            out.println(Utf8.printable(id) + ": " + (drops ? "dropped " : "to be sent again: ") + inWords(publish));
        } finally {
            log.close();
        }
    }

    private void print(String id, StoredPublish publish, ByteSink sink) {
        ZonedDateTime accepted = ZonedDateTime.now(ZoneId.systemDefault()).minusNanos(publish.ageNanos());
        Json json = MessageFormat.jsonOf(new Received(publish.message(), publish.packetId() != 0, accepted), null)
                .put("clientId", id)
                .put("sequence", publish.sequence());
        if (publish.key() != null) {
            json.put("key", Objects.requireNonNull(publish.key()));
        }
        json.put("state", state(publish));
        if (publish.packetId() != 0) {
            json.put("packetId", publish.packetId());
        }
        sink.put(json.toString());
        sink.put('\n');
        if (sink.size() > SINK_BYTES) {
            flush(sink);
        }
    }

    private void flush(ByteSink sink) {
        try {
            sink.writeTo(out);
            sink.clear();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (out.checkError()) {
            throw new UncheckedIOException(new IOException("Standard output cannot be written."));
        }
    }

    private static String state(StoredPublish publish) {
        if (StoredSession.isConcluded(publish)) {
            return publish.failure() == null ? "acknowledged" : "failed";
        }
        if (StoredSession.isSetAside(publish)) {
            return "set aside";
        }
        return publish.packetId() == 0 ? "waiting" : publish.released() ? "released" : "sent";
    }
}
