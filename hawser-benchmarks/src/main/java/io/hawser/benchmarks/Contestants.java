package io.hawser.benchmarks;

import java.io.IOException;
import java.util.List;

/** The clients by name. */
final class Contestants {
    static final List<String> NAMES = List.of(
            "raw",
            "netty",
            "hawser",
            "hawser-chained",
            "hivemq",
            "hivemq-rx",
            "paho-v3",
            "paho-v5",
            "vertx",
            "fusesource",
            "fusesource-called");

    private Contestants() {}

    static Contestant of(Course course) throws IOException {
        return switch (course.client()) {
            case "hawser" -> new HawserContestant(course, false);
            case "hawser-chained" -> new HawserContestant(course, true);
            case "raw" -> new RawContestant(course);
            case "netty" -> new NettyContestant(course);
            case "hivemq" -> new HiveMqContestant(course, false);
            case "hivemq-rx" -> new HiveMqContestant(course, true);
            case "paho-v3" -> new PahoV3Contestant(course);
            case "paho-v5" -> new PahoV5Contestant(course);
            case "vertx" -> new VertxContestant(course);
            case "fusesource" -> new FusesourceContestant(course, false);
            case "fusesource-called" -> new FusesourceContestant(course, true);
            default -> throw new IllegalArgumentException("--client is '" + course.client() + "', which is unknown");
        };
    }
}
