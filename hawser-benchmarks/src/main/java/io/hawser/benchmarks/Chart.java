package io.hawser.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** Draws the first figure of a group as bars, a panel for each cell, with how many times as fast Hawser is. */
final class Chart {
    private static final int COLUMNS = 3;
    private static final int PANEL_WIDTH = 450;
    private static final int NAME_WIDTH = 190;
    private static final int BAR_WIDTH = 150;
    private static final int ROW = 20;
    private static final int TITLE = 34;
    private static final int MARGIN = 16;

    private final Results results;
    private final Cells.Figure figure;
    private final StringBuilder out = new StringBuilder();

    private Chart(Results results, Cells.Figure figure) {
        this.results = results;
        this.figure = figure;
    }

    static String of(Results results, Cells.Group group, String machine) {
        Chart chart = new Chart(results, group.figures().get(0));
        chart.draw(group, machine);
        return chart.out.toString();
    }

    private void draw(Cells.Group group, String machine) {
        int columns = Math.min(COLUMNS, group.cells().size());
        int rows = (group.cells().size() + columns - 1) / columns;
        int panelHeight = TITLE + ROW * group.cells().get(0).entrants().size() + MARGIN;
        int width = MARGIN + columns * PANEL_WIDTH;
        int height = 2 * TITLE + rows * panelHeight + MARGIN;
        out.append(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\""
                        + " font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%%\" height=\"100%%\""
                        + " fill=\"#ffffff\"/>\n",
                width,
                height,
                width,
                height));
        text(MARGIN, 24, "font-size=\"16\" font-weight=\"bold\"", group.title() + ": " + figure.title());
        text(MARGIN, 42, "fill=\"#666666\"", meaning(group) + machine);
        for (int i = 0; i < group.cells().size(); i++) {
            int x = MARGIN + i % columns * PANEL_WIDTH;
            int y = 2 * TITLE + i / columns * panelHeight;
            panel(group.cells().get(i), x, y);
        }
        out.append("</svg>\n");
    }

    private String meaning(Cells.Group group) {
        if (group.cells().get(0).entrants().stream().noneMatch(Chart::isHawser)) {
            return "";
        }
        return isRate() ? "×: how many times as fast Hawser is. " : "×: how many times as much as Hawser. ";
    }

    private boolean isRate() {
        return figure.key().equals("rate");
    }

    private void panel(Cells.Cell cell, int x, int top) {
        text(x, top + 16, "font-size=\"14\" font-weight=\"bold\"", cell.title());
        double most = cell.entrants().stream()
                .mapToDouble(
                        entrant -> results.median(cell, entrant, figure.key()).orElse(0))
                .max()
                .orElse(0);
        double hawser = cell.entrants().stream()
                .filter(Chart::isHawser)
                .mapToDouble(
                        entrant -> results.median(cell, entrant, figure.key()).orElse(0))
                .findFirst()
                .orElse(0);
        int y = top + TITLE;
        for (Cells.Entrant entrant : cell.entrants()) {
            OptionalDouble median = results.median(cell, entrant, figure.key());
            if (median.isPresent() && most > 0) {
                bar(entrant, x, y, median.getAsDouble(), most, hawser);
            }
            y += ROW;
        }
    }

    private void bar(Cells.Entrant entrant, int x, int y, double value, double most, double hawser) {
        boolean floor = List.of("raw", "netty").contains(entrant.client());
        String colour = entrant.client().startsWith("hawser") ? "#0b6fa4" : floor ? "#cccccc" : "#e0a458";
        int length = (int) Math.max(1, Math.round(value / most * BAR_WIDTH));
        text(x + NAME_WIDTH - 6, y + 11, "text-anchor=\"end\"", entrant.name());
        out.append(String.format(
                Locale.ROOT,
                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>\n",
                x + NAME_WIDTH,
                y,
                length,
                ROW - 6,
                colour));
        String label = Table.text(OptionalDouble.of(value), figure.scale());
        if (!isHawser(entrant) && hawser > 0) {
            label += String.format(Locale.ROOT, "  ×%.1f", isRate() ? hawser / value : value / hawser);
        }
        text(x + NAME_WIDTH + length + 5, y + 11, "", label);
    }

    private static boolean isHawser(Cells.Entrant entrant) {
        return entrant.name().equals("Hawser");
    }

    private void text(int x, int y, String attributes, String text) {
        out.append(String.format(
                Locale.ROOT,
                "<text x=\"%d\" y=\"%d\" %s>%s</text>\n",
                x,
                y,
                attributes,
                text.replace("&", "&amp;").replace("<", "&lt;")));
    }
}
