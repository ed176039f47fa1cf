package io.hawser.testing.simulation;

import static org.assertj.core.api.Assertions.fail;

import org.junit.jupiter.api.Test;

/**
 * The machine against the model broker in a world that cuts, delays, splits, restarts and forgets. One number decides
 * everything that happens; a failing run says how to see it again.
 */
class SimulationTest {
    private static final String SEED = "hawser.seed";
    private static final String SEEDS = "hawser.seeds";
    private static final int DEFAULT_SEEDS = 2000;

    @Test
    void keepsItsPromisesWhateverHappens() {
        Long only = Long.getLong(SEED);
        long first = only == null ? 0 : only;
        long count = only == null ? Integer.getInteger(SEEDS, DEFAULT_SEEDS) : 1;
        for (long seed = first; seed < first + count; seed++) {
            run(seed, only != null);
        }
    }

    private static void run(long seed, boolean aloud) {
        World world = new World(Plan.of(seed), Plant.NOTHING);
        try {
            world.run();
        } catch (RuntimeException | AssertionError e) {
            fail(
                    "seed %d: %s%nagain: mvn test -pl hawser-testing -am -Dtest=SimulationTest -Dsurefire.failIfNoSpecifiedTests=false -D%s=%d%n%s%n%s"
                            .formatted(seed, e, SEED, seed, world.plan, world.trace()),
                    e);
        }
        if (aloud) {
            System.out.println(world.plan + "\n" + world.trace());
        }
    }
}
