package io.hawser.testing.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A fault of each kind, planted around the client, is noticed by one run in two thousand at the latest. */
class PlantedFaultTest {
    private static final int SEEDS = 2000;

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NOTHING")
    void isNoticed(Plant plant) {
        Violation violation = null;
        long seed = 0;
        while (violation == null && seed < SEEDS) {
            violation = violation(seed++, plant);
        }
        assertThat(violation).as(plant + " after " + seed + " seeds").isNotNull();
        assertThat(violation(seed - 1, Plant.NOTHING))
                .as("without it, the same run finds nothing")
                .isNull();
    }

    private static Violation violation(long seed, Plant plant) {
        try {
            new World(Plan.of(seed), plant).run();
            return null;
        } catch (Violation violation) {
            return violation;
        }
    }
}
