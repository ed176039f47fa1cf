package io.hawser.cli;

import io.hawser.text.Utf8;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;

/**
 * A page that people would rather look at than read a table: figures, tables and charts in one file of HTML, which needs nothing
 * from anywhere. What others have written appears in it as text only.
 */
final class HtmlReport {
    private static final int WIDTH = 880;
    private static final int HEIGHT = 260;
    private static final int LEFT = 78;
    private static final int BOTTOM = 34;
    private static final int TOP = 14;
    private static final String[] COLOURS = {"#0b6fa4", "#e0a458", "#3a8f5c", "#b5485d", "#7a5ba8"};

    private final StringBuilder out = new StringBuilder();

    /** A line of a chart. */
    record Series(String name, List<Point> points) {}

    /** A place in a chart. */
    record Point(double x, double y) {}

    HtmlReport(String title, String subtitle) {
        out.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>")
                .append(escaped(title))
                .append("</title>\n<meta name=\"viewport\" content=\"width=device-width\">\n<style>\n")
                .append("body{font:16px/1.5 system-ui,sans-serif;color:#1d2733;background:#f4f6f8;margin:0}\n")
                .append("main{max-width:960px;margin:0 auto;padding:24px}\n")
                .append(
                        "h1{margin:0;font-size:28px}h2{font-size:18px;margin:0 0 12px}p{color:#5b6875;margin:4px 0 20px}\n")
                .append(
                        "section{background:#fff;border-radius:8px;padding:20px;margin:0 0 20px;box-shadow:0 1px 3px #0002}\n")
                .append(".figures{display:flex;flex-wrap:wrap;gap:28px}.figures div{min-width:110px}\n")
                .append(
                        ".figures b{display:block;font-size:26px;line-height:1.2}.figures span{color:#5b6875;font-size:14px}\n")
                .append(
                        "table{border-collapse:collapse;width:100%}td,th{padding:6px 10px;border-bottom:1px solid #e6eaee;")
                .append("text-align:right;overflow-wrap:anywhere}td:first-child,th:first-child{text-align:left}\n")
                .append(".good{color:#3a8f5c}.bad{color:#b5485d}svg{width:100%;height:auto}\n")
                .append("svg text{font:12px system-ui,sans-serif;fill:#5b6875}\n")
                .append("</style>\n</head>\n<body>\n<main>\n<h1>")
                .append(escaped(title))
                .append("</h1>\n<p>")
                .append(escaped(subtitle))
                .append(" · ")
                .append(Strftime.format('c', ZonedDateTime.now(ZoneId.systemDefault())))
                .append("</p>\n");
    }

    /** Large numbers in a row: each a number and what it is. */
    HtmlReport figures(String... numbersAndNames) {
        out.append("<section><div class=\"figures\">\n");
        for (int i = 0; i + 1 < numbersAndNames.length; i += 2) {
            out.append("<div><b>")
                    .append(escaped(numbersAndNames[i]))
                    .append("</b><span>")
                    .append(escaped(numbersAndNames[i + 1]))
                    .append("</span></div>\n");
        }
        out.append("</div></section>\n");
        return this;
    }

    /** A sentence that says whether all is well. */
    HtmlReport verdict(boolean good, String text) {
        out.append("<section><h2 class=\"")
                .append(good ? "good" : "bad")
                .append("\">")
                .append(escaped(text))
                .append("</h2></section>\n");
        return this;
    }

    /** A table; the first row is its head. */
    HtmlReport table(String title, List<List<String>> rows) {
        out.append("<section><h2>").append(escaped(title)).append("</h2>\n<table>\n");
        for (int i = 0; i < rows.size(); i++) {
            String cell = i == 0 ? "th" : "td";
            out.append("<tr>");
            rows.get(i)
                    .forEach(text -> out.append('<')
                            .append(cell)
                            .append('>')
                            .append(escaped(text))
                            .append("</")
                            .append(cell)
                            .append('>'));
            out.append("</tr>\n");
        }
        out.append("</table></section>\n");
        return this;
    }

    /** Lines of text below each other; nothing if there are none. */
    HtmlReport list(String title, List<String> lines) {
        if (!lines.isEmpty()) {
            out.append("<section><h2>").append(escaped(title)).append("</h2>\n<ul>\n");
            lines.forEach(line -> out.append("<li>").append(escaped(line)).append("</li>\n"));
            out.append("</ul></section>\n");
        }
        return this;
    }

    /** A chart of lines over a horizontal axis from 0; values are not negative. */
    HtmlReport lines(String title, List<Series> all, String unit, DoubleFunction<String> xLabel) {
        double xMost = Math.max(
                1e-9,
                all.stream()
                        .flatMap(s -> s.points().stream())
                        .mapToDouble(Point::x)
                        .max()
                        .orElse(1));
        double yMost = roundUp(all.stream()
                .flatMap(s -> s.points().stream())
                .mapToDouble(Point::y)
                .max()
                .orElse(1));
        begin(title + ", " + unit, all.stream().map(Series::name).toList());
        for (int i = 0; i <= 4; i++) {
            grid(yMost * i / 4, yMost, number(yMost * i / 4));
            double x = xMost * i / 4;
            text(x(x, xMost), HEIGHT - 12, i == 4 ? "end" : "middle", xLabel.apply(x));
        }
        for (int i = 0; i < all.size(); i++) {
            StringBuilder path = new StringBuilder();
            for (Point point : all.get(i).points()) {
                path.append(path.isEmpty() ? 'M' : 'L')
                        .append(coordinate(x(point.x(), xMost)))
                        .append(' ')
                        .append(coordinate(y(point.y(), yMost)));
            }
            out.append("<path d=\"")
                    .append(path)
                    .append("\" fill=\"none\" stroke-width=\"2\" stroke=\"")
                    .append(COLOURS[i % COLOURS.length])
                    .append("\"/>\n");
        }
        return end();
    }

    /** A chart of bars, one for each name. */
    HtmlReport bars(String title, List<String> names, List<Double> values, String unit) {
        double most =
                roundUp(values.stream().mapToDouble(Double::doubleValue).max().orElse(1));
        begin(title + ", " + unit, List.of());
        for (int i = 0; i <= 4; i++) {
            grid(most * i / 4, most, number(most * i / 4));
        }
        double step = (double) (WIDTH - LEFT) / Math.max(1, names.size());
        for (int i = 0; i < names.size(); i++) {
            double x = LEFT + step * i;
            double y = y(values.get(i), most);
            out.append(String.format(
                    Locale.ROOT,
                    "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>%n",
                    x + step * 0.2,
                    y,
                    step * 0.6,
                    HEIGHT - BOTTOM - y,
                    COLOURS[0]));
            text(x + step / 2, HEIGHT - 12, "middle", names.get(i));
            text(x + step / 2, Math.max(10, y - 4), "middle", number(values.get(i)));
        }
        return end();
    }

    private void begin(String title, List<String> names) {
        out.append("<section><h2>").append(escaped(title)).append("</h2>\n<svg viewBox=\"0 0 ");
        out.append(WIDTH).append(' ').append(HEIGHT).append("\" role=\"img\">\n");
        for (int i = 0; i < names.size() && names.size() > 1; i++) {
            double x = LEFT + 12 + 150 * i;
            out.append(String.format(
                    Locale.ROOT,
                    "<rect x=\"%.1f\" y=\"2\" width=\"10\" height=\"10\" fill=\"%s\"/>%n",
                    x,
                    COLOURS[i % COLOURS.length]));
            text(x + 15, 11, "start", names.get(i));
        }
    }

    private HtmlReport end() {
        out.append("</svg></section>\n");
        return this;
    }

    private void grid(double value, double most, String label) {
        double y = y(value, most);
        out.append(String.format(
                Locale.ROOT,
                "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#e6eaee\"/>%n",
                LEFT,
                WIDTH,
                y,
                y));
        text(LEFT - 8, y + 4, "end", label);
    }

    private void text(double x, double y, String anchor, String text) {
        out.append(String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor))
                .append(escaped(text))
                .append("</text>\n");
    }

    private static double x(double x, double most) {
        return LEFT + x / most * (WIDTH - LEFT);
    }

    private static double y(double y, double most) {
        return HEIGHT - BOTTOM - y / most * (HEIGHT - BOTTOM - TOP - 8);
    }

    private static String coordinate(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    /** The next number with one digit and zeros, or 2.5. */
    private static double roundUp(double value) {
        if (!(value > 0)) {
            return 1;
        }
        double power = Math.pow(10, Math.floor(Math.log10(value)));
        for (double step : new double[] {1, 2, 2.5, 4, 5, 8}) {
            if (value <= step * power) {
                return step * power;
            }
        }
        return 10 * power;
    }

    /** Short: with a unit of thousands or millions, or with the digits that a small number needs. */
    static String number(double value) {
        if (value >= 1e6) {
            return trimmed(value / 1e6) + " M";
        }
        return value >= 10_000
                ? trimmed(value / 1e3) + " k"
                : value >= 100 ? String.format(Locale.ROOT, "%,.0f", value) : trimmed(value);
    }

    private static String trimmed(double value) {
        return String.format(Locale.ROOT, "%.2f", value).replaceAll("\\.?0+$", "");
    }

    /** The percentile with so many nines: 0 is the shortest, 1 is 90 %, 2 is 99 %. */
    static String percentile(double nines) {
        return trimmed(100 - 100 / Math.pow(10, nines));
    }

    static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        Utf8.printable(text).codePoints().forEach(c -> {
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.appendCodePoint(c);
            }
        });
        return escaped.toString();
    }

    String html() {
        return out + "</main>\n</body>\n</html>\n";
    }

    /** Writes the page, in place of one that is there. */
    void write(Path file) {
        try {
            Files.writeString(file, html(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("The report cannot be written to " + file + ": " + e.getMessage(), e);
        }
    }

    /** The counts at points in time, from which a chart of rates is made. Safe for use by many threads. */
    static final class Samples {
        private static final int MOST = 20_000;
        private final List<Point> points = new ArrayList<>();

        synchronized void add(double seconds, double count) {
            if (points.size() < MOST) {
                points.add(new Point(seconds, count));
            }
        }

        synchronized void clear() {
            points.clear();
        }

        /** As counted. */
        synchronized List<Point> counts() {
            return List.copyOf(points);
        }

        /** Per second, between each point and the next. */
        synchronized List<Point> rates() {
            List<Point> rates = new ArrayList<>();
            for (int i = 1; i < points.size(); i++) {
                Point from = points.get(i - 1);
                Point to = points.get(i);
                if (to.x() > from.x()) {
                    rates.add(new Point(to.x(), Math.max(0, (to.y() - from.y()) / (to.x() - from.x()))));
                }
            }
            return rates;
        }
    }
}
