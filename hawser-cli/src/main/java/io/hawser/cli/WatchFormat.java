package io.hawser.cli;

import io.hawser.text.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Keeps a line of the screen for each topic, in the order in which topics came, and writes each message over the last one of its
 * topic. Nothing of a message reaches the terminal that could steer it, unless a format puts it there.
 */
final class WatchFormat implements MessageFormat {
    /** No terminal has more lines; the topics that come after share the last one. */
    private static final int MOST_LINES = 1_000;

    private static final String CLEAR_SCREEN = "\u001b[2J\u001b[1;1H";
    /** A line longer than the terminal is wide must not run into the next one. */
    private static final String WITHOUT_WRAP = "\u001b[?7l";

    private static final String WITH_WRAP = "\u001b[?7h";
    private static final String CLEAR_REST = "\u001b[K";

    private final MessageFormat format;
    private final boolean ownFormat;
    private final String server;
    private final Map<String, Integer> lines = new HashMap<>();
    private final ByteSink content = new ByteSink();

    WatchFormat(OutputOptions options, String server) {
        this.ownFormat = options.format != null;
        options.noNewLine = true;
        this.format = options.line();
        this.server = server;
    }

    @Override
    public void write(Received received, ByteSink out) {
        if (lines.isEmpty()) {
            out.put(CLEAR_SCREEN + "Broker: " + Utf8.printable(server));
        }
        int next = Math.min(MOST_LINES, lines.size() + 1);
        Integer line = lines.size() < MOST_LINES
                ? lines.computeIfAbsent(received.message().topic(), topic -> next)
                : lines.getOrDefault(received.message().topic(), MOST_LINES);
        content.clear();
        format.write(received, content);
        String text = new String(content.toByteArray(), StandardCharsets.UTF_8);
        text = ownFormat ? text.replaceAll("\\R", " ") : Utf8.printable(text);
        // The cursor waits below what is shown, where a shell goes on when this ends.
        out.put("\u001b[" + (line + 1) + ";1H" + WITHOUT_WRAP + text + CLEAR_REST + WITH_WRAP + "\u001b["
                + (lines.size() + 2) + ";1H");
    }
}
