package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Which tests name which normative statement that binds a client; {@code target/conformance.md} is the table.
 *
 * <p>A test names a statement by its identifier, {@code [MQTT-x.y.z-n]}, anywhere in its source. The versions give one
 * identifier to different statements: such a one counts only with its version, {@code [3.1.1 MQTT-x.y.z-n]} or
 * {@code [5.0 MQTT-x.y.z-n]}.
 */
class ConformanceTest {
    private static final List<String> VERSIONS = List.of("3.1.1", "5.0");
    private static final Pattern MENTION = Pattern.compile("(?:(3\\.1\\.1|5\\.0) )?(MQTT-\\d+\\.\\d+\\.\\d+-\\d+)");

    private record Statement(String id, String summary, String applies) {
        boolean bindsClients() {
            return !applies.equals("server");
        }
    }

    private static final Map<String, Map<String, Statement>> TABLES = new LinkedHashMap<>();
    /** By "version identifier", the test classes that name it. */
    private static final Map<String, TreeSet<String>> MENTIONS = new HashMap<>();

    private static final TreeSet<String> UNKNOWN = new TreeSet<>();

    @BeforeAll
    static void readAll() throws IOException {
        for (String version : VERSIONS) {
            TABLES.put(version, table(version));
        }
        for (Path source : testSources()) {
            String name = source.getFileName().toString().replace(".java", "");
            Matcher mention = MENTION.matcher(Files.readString(source));
            while (mention.find()) {
                note(name, mention.group(1), mention.group(2));
            }
        }
        writeTable();
    }

    private static Map<String, Statement> table(String version) throws IOException {
        Map<String, Statement> statements = new LinkedHashMap<>();
        Path file = Path.of("src", "test", "resources", "conformance", "mqtt-" + version + ".tsv");
        for (String line : Files.readAllLines(file).stream().skip(1).toList()) {
            String[] fields = line.split("\t", -1);
            statements.put(fields[0], new Statement(fields[0], fields[1], fields[2]));
        }
        return statements;
    }

    private static List<Path> testSources() throws IOException {
        List<Path> sources = new ArrayList<>();
        try (Stream<Path> modules = Files.list(Path.of(".."))) {
            for (Path tests : modules.map(module -> module.resolve("src/test/java"))
                    .filter(Files::isDirectory)
                    .sorted()
                    .toList()) {
                try (Stream<Path> files = Files.walk(tests)) {
                    files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
                }
            }
        }
        sources.removeIf(source -> source.endsWith(Path.of("ConformanceTest.java")));
        return sources;
    }

    private static void note(String test, String version, String id) {
        List<String> meant = VERSIONS.stream()
                .filter(v -> TABLES.get(v).containsKey(id) && (version == null || version.equals(v)))
                .toList();
        if (meant.isEmpty()) {
            UNKNOWN.add(test + ": " + id);
        } else if (meant.size() == 1 || sameInAllVersions(id)) {
            meant.forEach(v -> MENTIONS.computeIfAbsent(v + " " + id, key -> new TreeSet<>())
                    .add(test));
        }
    }

    private static boolean sameInAllVersions(String id) {
        return VERSIONS.stream()
                        .map(v -> TABLES.get(v).get(id).summary())
                        .distinct()
                        .count()
                == 1;
    }

    private static List<Statement> unnamed(String version) {
        return TABLES.get(version).values().stream()
                .filter(Statement::bindsClients)
                .filter(statement -> !MENTIONS.containsKey(version + " " + statement.id()))
                .toList();
    }

    private static void writeTable() throws IOException {
        StringBuilder page = new StringBuilder("# Conformance\n\nWhat binds a client, and the tests that name it.\n");
        for (String version : VERSIONS) {
            List<Statement> binding = TABLES.get(version).values().stream()
                    .filter(Statement::bindsClients)
                    .toList();
            int named = binding.size() - unnamed(version).size();
            page.append("\n## MQTT %s: %d of %d\n\n| statement | says | tests |\n|---|---|---|\n"
                    .formatted(version, named, binding.size()));
            for (Statement statement : binding) {
                TreeSet<String> tests = MENTIONS.getOrDefault(version + " " + statement.id(), new TreeSet<>());
                page.append("| %s | %s | %s |\n"
                        .formatted(
                                statement.id(),
                                statement.summary().replace("|", "\\|"),
                                tests.isEmpty() ? "none" : String.join(", ", tests)));
            }
        }
        Files.createDirectories(Path.of("target"));
        Files.writeString(Path.of("target", "conformance.md"), page);
    }

    /** The numbers may only fall: who names a statement in a test lowers them. */
    @ParameterizedTest
    @CsvSource({"3.1.1, 46", "5.0, 81"})
    void noMoreStatementsAreWithoutATestThanThere(String version, int most) {
        assertThat(unnamed(version)).hasSizeLessThanOrEqualTo(most);
    }

    @Test
    void everyStatementThatATestNamesExists() {
        assertThat(UNKNOWN).isEmpty();
    }
}
