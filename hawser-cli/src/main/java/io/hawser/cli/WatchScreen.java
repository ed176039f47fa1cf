package io.hawser.cli;

import io.hawser.mqtt.Message;
import io.hawser.text.Utf8;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;
import org.jspecify.annotations.Nullable;

/**
 * The screen of {@code hawser watch}, and what keys do to it: lines of text from a {@link TopicView}, and a place in it. Used by one
 * thread.
 */
final class WatchScreen {
    /** A key, or a character that was typed. */
    enum Key {
        UP,
        DOWN,
        PAGE_UP,
        PAGE_DOWN,
        HOME,
        END,
        LEFT,
        RIGHT,
        ENTER,
        BACKSPACE,
        ESCAPE
    }

    private static final int DETAIL_LINES = 8;
    private static final int LONGEST_VALUE = 400;
    private static final AttributedStyle PLAIN = AttributedStyle.DEFAULT;
    private static final AttributedStyle FAINT = PLAIN.faint();
    private static final AttributedStyle BAR = PLAIN.inverse();

    private final TopicView view;
    private final String server;
    private String filter = "";
    private String selected = "";
    private int top;
    private boolean details;
    private int pageLines = 1;
    private List<TopicView.Row> rows = List.of();

    WatchScreen(TopicView view, String server) {
        this.view = view;
        this.server = Utf8.printable(server);
    }

    /** A character of the filter. */
    void typed(int codePoint) {
        filter += Character.toString(codePoint);
    }

    /** Returns whether the user wants to end. */
    boolean pressed(Key key) {
        switch (key) {
            case UP -> move(-1);
            case DOWN -> move(1);
            case PAGE_UP -> move(-pageLines);
            case PAGE_DOWN -> move(pageLines);
            case HOME -> move(-rows.size());
            case END -> move(rows.size());
            case LEFT -> view.fold(selected, true);
            case RIGHT -> view.fold(selected, false);
            case ENTER -> details = !details;
            case BACKSPACE ->
                filter = filter.isEmpty() ? "" : filter.substring(0, filter.offsetByCodePoints(filter.length(), -1));
            case ESCAPE -> {
                if (filter.isEmpty()) {
                    return true;
                }
                filter = "";
            }
        }
        return false;
    }

    private void move(int lines) {
        if (!rows.isEmpty()) {
            int to = Math.max(0, Math.min(rows.size() - 1, place() + lines));
            selected = rows.get(to).path();
        }
    }

    /** Where the selected topic is now, or would be. */
    private int place() {
        int place = 0;
        for (int i = 0; i < rows.size(); i++) {
            if (rows.get(i).path().equals(selected)) {
                return i;
            }
            if (rows.get(i).path().compareTo(selected) < 0) {
                place = i;
            }
        }
        return place;
    }

    /**
     * The lines of a screen of this size.
     *
     * @param state in a word, what the connection does
     */
    List<AttributedString> lines(int width, int height, String state, long now) {
        rows = view.rows(filter, now);
        int detailLines = details ? Math.min(DETAIL_LINES, Math.max(0, height - 6)) : 0;
        pageLines = Math.max(1, height - 3 - detailLines);
        int place = place();
        top = Math.max(0, Math.min(Math.min(top, place), rows.size() - 1));
        if (place >= top + pageLines) {
            top = place - pageLines + 1;
        }
        List<AttributedString> lines = new ArrayList<>();
        String counts = String.format(
                Locale.ROOT, " %,d topics  %,d messages  %.1f/s ", view.topics(), view.messages(), view.rate(now));
        lines.add(line(width, BAR, " " + server + "  " + Utf8.printable(state), counts));
        lines.add(line(
                width,
                PLAIN,
                filter.isEmpty() ? "Type to filter" : "Filter: " + Utf8.printable(filter) + "_",
                view.beyond() > 0 ? String.format(Locale.ROOT, "%,d to more topics", view.beyond()) : ""));
        for (int i = top; i < top + pageLines; i++) {
            lines.add(i < rows.size() ? row(rows.get(i), i == place, width) : AttributedString.EMPTY);
        }
        lines.addAll(detailLines == 0 ? List.of() : details(place, width, detailLines));
        lines.add(line(width, FAINT, "Up Down PgUp PgDn  Left Right fold  Enter message  Esc clear, end", ""));
        return lines;
    }

    private static AttributedString line(int width, AttributedStyle style, String left, String right) {
        int room = width - right.length();
        AttributedString text = new AttributedString(left, style).columnSubSequence(0, Math.max(0, room));
        AttributedStringBuilder line =
                new AttributedStringBuilder().append(text).style(style);
        line.append(" ".repeat(Math.max(0, room - text.columnLength())));
        return line.append(room > 0 ? right : "").toAttributedString();
    }

    private AttributedString row(TopicView.Row row, boolean isSelected, int width) {
        AttributedStyle style = isSelected ? BAR : PLAIN;
        Message last = row.last();
        String rate = String.format(Locale.ROOT, "%8.1f/s", row.rate());
        String marks = last == null ? "     " : " q" + last.qos().level() + (last.retain() ? " R" : "  ");
        AttributedStringBuilder line = new AttributedStringBuilder();
        line.append("  ".repeat(row.depth()), style);
        line.append(Utf8.printable(row.label()), row.fresh() ? style.bold() : style);
        if (row.folded() || last == null) {
            line.append((row.folded() ? " + " : " ") + "(" + row.topics() + ")", style.faint());
        }
        if (last != null) {
            line.append("  " + value(last), style.foreground(AttributedStyle.CYAN));
        }
        AttributedString left = line.toAttributedString().columnSubSequence(0, Math.max(0, width - 16));
        AttributedStringBuilder whole = new AttributedStringBuilder().append(left);
        whole.append(" ".repeat(Math.max(0, width - 16 - left.columnLength())), style);
        return whole.append(width > 16 ? marks + " " + rate : "", style).toAttributedString();
    }

    /** On one line, with nothing that could steer the terminal. */
    private static String value(Message message) {
        byte[] payload = message.payloadBytes();
        String text = MessageProperties.utf8(payload);
        String shown = text == null ? "0x" + HexFormat.of().formatHex(payload, 0, Math.min(payload.length, 100)) : text;
        return Utf8.printable(shown.length() > LONGEST_VALUE ? shown.substring(0, LONGEST_VALUE) + "…" : shown);
    }

    private List<AttributedString> details(int place, int width, int count) {
        List<AttributedString> lines = new ArrayList<>();
        TopicView.Row row = rows.isEmpty() ? null : rows.get(place);
        lines.add(line(width, BAR, row == null ? "" : " " + Utf8.printable(row.path()), sizeOf(row)));
        Message last = row == null ? null : row.last();
        if (last != null) {
            Json properties = Json.object();
            MessageProperties.put(last, properties);
            if (!properties.isEmpty()) {
                lines.add(new AttributedString(properties.toString(), FAINT).columnSubSequence(0, width));
            }
            String text = MessageProperties.utf8(last.payloadBytes());
            boolean json = text != null && text.length() < 100_000 && JsonSyntax.isValid(text);
            String shown = json && text != null ? JsonSyntax.indented(JsonSyntax.onOneLine(text)) : value(last);
            shown.lines()
                    .limit(count)
                    .forEach(each -> lines.add(new AttributedString(Utf8.printable(each)).columnSubSequence(0, width)));
        }
        while (lines.size() < count) {
            lines.add(AttributedString.EMPTY);
        }
        return lines.subList(0, count);
    }

    private static String sizeOf(TopicView.@Nullable Row row) {
        Message last = row == null ? null : row.last();
        return last == null ? "" : String.format(Locale.ROOT, "%,d bytes ", last.payloadSize());
    }
}
