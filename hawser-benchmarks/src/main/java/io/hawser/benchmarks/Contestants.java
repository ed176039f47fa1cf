package io.hawser.benchmarks;

import java.io.IOException;
import java.util.List;

/** The clients by name. */
final class Contestants {
    static final List<String> NAMES = List.of("raw", "hawser");

    private Contestants() {}

    static Contestant of(Course course) throws IOException {
        return switch (course.client()) {
            case "hawser" -> new HawserContestant(course);
            case "raw" -> new RawContestant(course);
            default -> throw new IllegalArgumentException("--client is '" + course.client() + "', which is unknown");
        };
    }
}
