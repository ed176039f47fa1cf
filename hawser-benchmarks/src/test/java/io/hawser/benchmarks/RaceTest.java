package io.hawser.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The race as a whole, small: processes, medians, table and chart. */
class RaceTest {
    @Tag("slow")
    @Test
    void aQuickRaceFillsTableAndChart(@TempDir Path directory) throws Exception {
        int failures = Race.run(
                "--quick",
                "--cells",
                "pub1,sub2,filters-1,first",
                "--clients",
                "raw,hawser,fusesource",
                "--out",
                directory.toString());

        assertThat(failures).isZero();
        assertThat(directory.resolve("race.md"))
                .content()
                .contains("| million messages per second | publish QoS 1 | receive QoS 2 |")
                .contains("| Hawser ÷ fusesource | **")
                .contains("| 10,000 more |")
                .contains("| ms |")
                .contains("](race-small.svg)");
        assertThat(directory.resolve("race-small.svg"))
                .content()
                .contains("fusesource", "Hawser", "raw socket")
                .endsWith("</svg>\n");
    }

    @Test
    void mediansAreOfTheRoundsInWhichThereIsAFigure() {
        Cells.Entrant entrant = new Cells.Entrant("x", List.of("--client", "x"));
        Cells.Cell cell = new Cells.Cell("c", "c", List.of(entrant), List.of());
        Results results = new Results();
        results.add(cell, entrant, Map.of("rate", 5.0));
        results.add(cell, entrant, Map.of("rate", 1.0, "p50", 7.0));
        results.add(cell, entrant, Map.of("rate", 3.0));

        assertThat(results.median(cell, entrant, "rate")).hasValue(3);
        assertThat(results.median(cell, entrant, "p50")).hasValue(7);
        assertThat(results.median(cell, entrant, "p99")).isEmpty();
    }
}
