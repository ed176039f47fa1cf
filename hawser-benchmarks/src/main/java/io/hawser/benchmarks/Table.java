package io.hawser.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** Writes {@link Results} as Markdown. */
final class Table {
    private final Results results;
    private final StringBuilder out = new StringBuilder();

    private Table(Results results) {
        this.results = results;
    }

    static String of(Results results, List<Cells.Group> groups) {
        Table table = new Table(results);
        groups.forEach(table::group);
        return table.out.toString();
    }

    private void group(Cells.Group group) {
        out.append("\n### ").append(group.title()).append('\n');
        for (Cells.Figure figure : group.figures()) {
            figure(group, figure);
        }
    }

    private void figure(Cells.Group group, Cells.Figure figure) {
        List<Cells.Entrant> entrants = group.cells().get(0).entrants();
        out.append('\n');
        row(figure.title(), group.cells().stream().map(Cells.Cell::title).toList());
        row("---", group.cells().stream().map(cell -> "---:").toList());
        for (Cells.Entrant entrant : entrants) {
            List<OptionalDouble> medians = group.cells().stream()
                    .map(cell -> results.median(cell, entrant, figure.key()))
                    .toList();
            if (medians.stream().anyMatch(OptionalDouble::isPresent)) {
                row(
                        entrant.name(),
                        medians.stream()
                                .map(value -> text(value, figure.scale()))
                                .toList());
            }
        }
        if (figure.key().equals("rate")
                && entrants.stream().anyMatch(entrant -> entrant.name().equals("Hawser"))) {
            ratio(group, figure, "Hawser ÷ fusesource", "fusesource");
            ratio(group, figure, "Hawser ÷ fusesource, called", "fusesource, called");
            ratio(group, figure, "Hawser ÷ HiveMQ, the better", "HiveMQ, async", "HiveMQ, Rx");
            ratio(group, figure, "Hawser ÷ raw socket", "raw socket, no client");
        }
    }

    private void ratio(Cells.Group group, Cells.Figure figure, String title, String... others) {
        List<String> ratios = new ArrayList<>();
        boolean any = false;
        for (Cells.Cell cell : group.cells()) {
            double own = best(cell, figure, List.of("Hawser"));
            double other = best(cell, figure, List.of(others));
            boolean known = own > 0 && other > 0;
            any |= known;
            ratios.add(known ? String.format(Locale.ROOT, "**%.2f**", own / other) : "–");
        }
        if (any) {
            row(title, ratios);
        }
    }

    private double best(Cells.Cell cell, Cells.Figure figure, List<String> names) {
        return cell.entrants().stream()
                .filter(entrant -> names.contains(entrant.name()))
                .mapToDouble(
                        entrant -> results.median(cell, entrant, figure.key()).orElse(0))
                .max()
                .orElse(0);
    }

    private void row(String head, List<String> columns) {
        out.append("| ")
                .append(head)
                .append(" | ")
                .append(String.join(" | ", columns))
                .append(" |\n");
    }

    /** Three digits that mean something. */
    static String text(OptionalDouble value, double scale) {
        if (value.isEmpty()) {
            return "–";
        }
        double scaled = value.getAsDouble() / scale;
        int decimals = scaled >= 100 ? 0 : scaled >= 10 ? 1 : scaled >= 0.1 || scaled == 0 ? 2 : 3;
        return String.format(Locale.ROOT, "%,." + decimals + "f", scaled);
    }
}
