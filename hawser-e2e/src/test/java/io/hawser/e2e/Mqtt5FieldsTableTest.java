package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The tables of {@code docs/mqtt5.md}: they are complete, and name methods and tests that exist. */
class Mqtt5FieldsTableTest {
    private static final Pattern NAME = Pattern.compile("`([A-Z]\\w*)\\.(\\w+)`");
    private static final List<String> PACKAGES =
            List.of("io.hawser.client.", "io.hawser.mqtt.", "io.hawser.mqtt.ConnectResult$");

    /** The properties of table 2-4 by their identifiers. */
    private static final Map<String, String> PROPERTIES = new LinkedHashMap<>();

    private static final List<Row> CLIENT = new ArrayList<>();
    private static final List<Row> BROKER = new ArrayList<>();

    private record Row(String field, String api, String tests) {}

    static {
        String[] names = {
            "01 Payload Format Indicator",
            "02 Message Expiry Interval",
            "03 Content Type",
            "08 Response Topic",
            "09 Correlation Data",
            "0B Subscription Identifier",
            "11 Session Expiry Interval",
            "12 Assigned Client Identifier",
            "13 Server Keep Alive",
            "15 Authentication Method",
            "16 Authentication Data",
            "17 Request Problem Information",
            "18 Will Delay Interval",
            "19 Request Response Information",
            "1A Response Information",
            "1C Server Reference",
            "1F Reason String",
            "21 Receive Maximum",
            "22 Topic Alias Maximum",
            "23 Topic Alias",
            "24 Maximum QoS",
            "25 Retain Available",
            "26 User Property",
            "27 Maximum Packet Size",
            "28 Wildcard Subscription Available",
            "29 Subscription Identifier Available",
            "2A Shared Subscription Available"
        };
        for (String name : names) {
            PROPERTIES.put(name.substring(0, 2), name.substring(3));
        }
    }

    /** What the standard lets one side say: of each packet, RC for a reason code, CS for Clean Start, and identifiers of properties. */
    private static final String CLIENT_SAYS = "CONNECT CS 11 15 16 17 19 21 22 26 27; Will 01 02 03 08 09 18 26;"
            + " PUBLISH 01 02 03 08 09 23 26; PUBACK RC 1F 26; PUBREC RC 1F 26; PUBREL RC 1F 26; PUBCOMP RC 1F 26;"
            + " SUBSCRIBE 0B 26; UNSUBSCRIBE 26; DISCONNECT RC 11 1F 26; AUTH RC 15 16 1F 26";

    private static final String BROKER_SAYS = "CONNACK RC 11 12 13 15 16 1A 1C 1F 21 22 24 25 26 27 28 29 2A;"
            + " PUBLISH 01 02 03 08 09 0B 23 26; PUBACK RC 1F 26; PUBREC RC 1F 26; PUBREL RC 1F 26;"
            + " PUBCOMP RC 1F 26; SUBACK RC 1F 26; UNSUBACK RC 1F 26; DISCONNECT RC 1C 1F 26; AUTH RC 15 16 1F 26";

    @BeforeAll
    static void readTables() throws IOException {
        List<Row> rows = CLIENT;
        for (String line : Files.readAllLines(root().resolve("docs/mqtt5.md"))) {
            if (line.startsWith("## What a broker may say")) {
                rows = BROKER;
            }
            String[] cells = line.split("\\|");
            if (cells.length == 5
                    && Character.isUpperCase(cells[1].strip().concat("-").charAt(0))) {
                rows.add(new Row(cells[1].strip() + " " + cells[2].strip(), cells[3], cells[4]));
            }
        }
    }

    private static Path root() {
        Path here = Path.of("").toAbsolutePath();
        return Files.exists(here.resolve("docs")) ? here : here.getParent();
    }

    private static List<String> fields(String says) {
        List<String> fields = new ArrayList<>();
        for (String packet : says.split("; ?")) {
            String[] words = packet.split(" ");
            for (String word : Arrays.copyOfRange(words, 1, words.length)) {
                String name = switch (word) {
                    case "RC" -> "Reason Code";
                    case "CS" -> "Clean Start";
                    default -> PROPERTIES.get(word);
                };
                fields.add(words[0] + " " + name);
            }
        }
        return fields;
    }

    private static Stream<String> fields(List<Row> rows) {
        return rows.stream().map(Row::field);
    }

    @Test
    void everyFieldOfTheStandardHasOneRow() throws IOException {
        assertThat(fields(CLIENT)).containsExactlyInAnyOrderElementsOf(fields(CLIENT_SAYS));
        assertThat(fields(BROKER)).containsExactlyInAnyOrderElementsOf(fields(BROKER_SAYS));
        assertThat(Files.readString(root().resolve("docs/mqtt5.md")))
                .contains("## What a client may say: " + CLIENT.size() + "\n")
                .contains("## What a broker may say: " + BROKER.size() + "\n");
    }

    @Test
    void eachRowNamesMethodsOfTheApiOrAReason() {
        for (Row row : all()) {
            List<String> names = names(row.api());
            if (names.isEmpty()) {
                assertThat(row.api())
                        .as(row.field())
                        .matches(" (not settable|not shown|in the packet log only): .{10,}");
            }
            names.forEach(name ->
                    assertThat(isInApi(name)).as(row.field() + ": " + name).isTrue());
        }
    }

    @Test
    void eachRowNamesTestsThatExist() throws IOException {
        Map<String, String> sources = new LinkedHashMap<>();
        try (Stream<Path> files = Files.walk(root())) {
            for (Path file : files.filter(path -> path.toString().endsWith("Test.java")
                            && path.toString().contains("src/test/java"))
                    .toList()) {
                sources.merge(
                        file.getFileName().toString().replace(".java", ""), Files.readString(file), String::concat);
            }
        }
        TreeSet<String> missing = new TreeSet<>();
        for (Row row : all()) {
            List<String> names = names(row.tests());
            assertThat(names).as(row.field()).isNotEmpty();
            for (String name : names) {
                String[] parts = name.split("\\.");
                if (!sources.getOrDefault(parts[0], "").contains(" void " + parts[1] + "(")) {
                    missing.add(row.field() + ": " + name);
                }
            }
        }
        assertThat(missing).isEmpty();
    }

    private static List<Row> all() {
        return Stream.concat(CLIENT.stream(), BROKER.stream()).toList();
    }

    private static List<String> names(String cell) {
        Matcher matcher = NAME.matcher(cell);
        return matcher.results()
                .map(found -> found.group(1) + "." + found.group(2))
                .toList();
    }

    private static boolean isInApi(String name) {
        String[] parts = name.split("\\.");
        for (String prefix : PACKAGES) {
            try {
                Class<?> type = Class.forName(prefix + parts[0]);
                return Arrays.stream(type.getMethods()).map(Method::getName).anyMatch(parts[1]::equals);
            } catch (ClassNotFoundException e) {
                // It may be in the next package.
            }
        }
        return false;
    }
}
