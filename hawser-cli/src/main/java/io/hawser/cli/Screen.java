package io.hawser.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Says what goes on while a command works: on a terminal a line at the bottom that changes and lines that stay above it,
 * elsewhere plain lines. Safe for use by many threads.
 */
final class Screen {
    private static final String CLEAR_LINE = "\r\u001b[K";
    private static final int MOST_KEPT = 1_000;

    private final PrintStream out;
    private final boolean live;
    private final long plainIntervalNanos;
    private final long start = System.nanoTime();
    private final List<String> said = new ArrayList<>();
    private String status = "";
    private long lastPlain = start;

    /** @param plainSeconds how far apart two lines of changing status are where nothing can change */
    Screen(PrintStream out, boolean live, int plainSeconds) {
        this.out = out;
        this.live = live;
        this.plainIntervalNanos = plainSeconds * 1_000_000_000L;
    }

    /** Live if a user sits in front of it. */
    @SuppressWarnings("SystemConsoleNull") // null again, thanks to the property
    static Screen on(PrintStream out, int plainSeconds) {
        // From JDK 22 to 24 another console claims to be there even if none is, unless told so before it is first asked
        // for.
        System.setProperty("jdk.console", "java.base");
        return new Screen(out, System.console() != null, plainSeconds);
    }

    double seconds() {
        return (System.nanoTime() - start) / 1e9;
    }

    /** The lines that stay, the first thousand of them. */
    synchronized List<String> said() {
        return List.copyOf(said);
    }

    /** A line that stays. */
    synchronized void say(String line) {
        if (said.size() < MOST_KEPT) {
            said.add(line);
        }
        if (live) {
            out.print(CLEAR_LINE);
        }
        out.println(line);
        if (live) {
            out.print(status);
        }
        out.flush();
    }

    /** The line that changes; as plain lines now and then. */
    synchronized void status(String line) {
        long now = System.nanoTime();
        if (live) {
            status = line;
            out.print(CLEAR_LINE + line);
            out.flush();
        } else if (now - lastPlain >= plainIntervalNanos) {
            lastPlain = now;
            out.println(line);
        }
    }

    /** Takes the changing line away. */
    synchronized void done() {
        if (live) {
            out.print(CLEAR_LINE);
            status = "";
        }
        out.flush();
    }
}
