package io.hawser.benchmarks;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The arguments of our programs: {@code --name value}, or {@code --name} alone for yes. */
final class Arguments {
    private final Map<String, String> values = new HashMap<>();

    private Arguments() {}

    static Arguments parse(String... args) {
        Arguments arguments = new Arguments();
        for (int i = 0; i < args.length; i++) {
            if (!args[i].startsWith("--")) {
                throw new IllegalArgumentException("argument is '" + args[i] + "', must begin with --");
            }
            boolean alone = i + 1 == args.length || args[i + 1].startsWith("--");
            arguments.values.put(args[i].substring(2), alone ? "yes" : args[++i]);
        }
        return arguments;
    }

    @Nullable
    String text(String name) {
        return values.remove(name);
    }

    String text(String name, String otherwise) {
        String value = values.remove(name);
        return value == null ? otherwise : value;
    }

    String required(String name) {
        String value = values.remove(name);
        if (value == null) {
            throw new IllegalArgumentException("--" + name + " is missing");
        }
        return value;
    }

    boolean flag(String name) {
        return values.remove(name) != null;
    }

    int number(String name, int otherwise) {
        String value = values.remove(name);
        return value == null ? otherwise : Integer.parseInt(value);
    }

    double seconds(String name, double otherwise) {
        String value = values.remove(name);
        return value == null ? otherwise : Double.parseDouble(value);
    }

    /** Call it when all have been asked for: what nobody asked for is a mistake. */
    void requireAllUsed() {
        if (!values.isEmpty()) {
            throw new IllegalArgumentException("unknown: --" + String.join(", --", values.keySet()));
        }
    }
}
