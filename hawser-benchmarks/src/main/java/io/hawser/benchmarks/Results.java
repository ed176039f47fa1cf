package io.hawser.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** What was measured, round by round. */
final class Results {
    private record Run(String cell, String entrant) {}

    private final Map<Run, List<Map<String, Double>>> runs = new LinkedHashMap<>();

    void add(Cells.Cell cell, Cells.Entrant entrant, Map<String, Double> figures) {
        runs.computeIfAbsent(new Run(cell.id(), entrant.name()), run -> new ArrayList<>())
                .add(figures);
    }

    /** The median over the rounds; nothing if it was not measured. */
    OptionalDouble median(Cells.Cell cell, Cells.Entrant entrant, String figure) {
        double[] sorted = runs.getOrDefault(new Run(cell.id(), entrant.name()), List.of()).stream()
                .filter(figures -> figures.containsKey(figure))
                .mapToDouble(figures -> figures.getOrDefault(figure, 0.0))
                .sorted()
                .toArray();
        if (sorted.length == 0) {
            return OptionalDouble.empty();
        }
        int middle = sorted.length / 2;
        return OptionalDouble.of(sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2);
    }
}
