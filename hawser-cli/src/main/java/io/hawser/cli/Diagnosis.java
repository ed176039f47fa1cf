package io.hawser.cli;

import io.hawser.mqtt.ConnectResult.Negotiated;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.text.Utf8;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What was found out about a broker.
 *
 * @param server its URL, without user and password
 * @param visits one for each version, the highest first
 */
record Diagnosis(String server, List<Visit> visits) {
    private static final int LABEL = 26;
    private static final int COLUMN = 14;

    Diagnosis {
        visits = List.copyOf(visits);
    }

    /**
     * What was found out with one version.
     *
     * @param refusal why the version is not accepted; empty if it is
     * @param granted what the broker says of itself; null if the version is not accepted
     * @param assignedId the client identifier that the broker made up; empty if it did not say, null if it refused to
     * @param longestExpiry what the broker granted to a session that is to be kept for ever; null if that is unknown
     * @param findings what was tried, and whether it worked, in words
     * @param quirks what is not as the standard, or the broker itself, says
     */
    record Visit(
            ProtocolVersion version,
            String refusal,
            @Nullable Negotiated granted,
            @Nullable String assignedId,
            @Nullable Duration longestExpiry,
            Map<String, String> findings,
            List<String> quirks) {
        static Visit refused(ProtocolVersion version, String refusal) {
            return new Visit(version, refusal, null, null, null, Map.of(), List.of());
        }

        boolean accepted() {
            return granted != null;
        }

        /** Name and value of everything but refusal and quirks; JSON values. */
        Map<String, Object> facts() {
            Map<String, Object> facts = new LinkedHashMap<>();
            if (granted != null && version == ProtocolVersion.MQTT_5) {
                facts.put("maximumQos", (long) granted.maximumQos().level());
                facts.put("retainAvailable", granted.retainAvailable());
                facts.put("sharedSubscriptions", granted.sharedSubscriptions());
                facts.put("wildcardSubscriptions", granted.wildcardSubscriptions());
                facts.put("subscriptionIdentifiers", granted.subscriptionIdentifiers());
                facts.put("topicAliasMaximum", (long) granted.topicAliasMaximum());
                facts.put("receiveMaximum", (long) granted.receiveMaximum());
                facts.put("maximumPacketSize", (long) granted.maximumPacketSize());
                facts.put("keepAliveSeconds", granted.keepAlive().toSeconds());
                if (longestExpiry != null) {
                    facts.put("sessionExpirySeconds", longestExpiry.toSeconds());
                }
            }
            if (accepted() && version != ProtocolVersion.MQTT_3_1) {
                facts.put("assignedClientId", assignedId == null ? "refused" : assignedId);
            }
            facts.putAll(findings);
            return facts;
        }

        String json() {
            Json json = Json.object().put("version", version.toString()).put("accepted", accepted());
            if (!accepted()) {
                return json.put("refusal", refusal).toString();
            }
            facts().forEach((name, value) -> {
                if (value instanceof Long number) {
                    json.put(name, number);
                } else if (value instanceof Boolean flag) {
                    json.put(name, flag);
                } else {
                    json.put(name, value.toString());
                }
            });
            return json.toString();
        }
    }

    boolean accepted() {
        return visits.stream().anyMatch(Visit::accepted);
    }

    private List<String> quirks() {
        return visits.stream()
                .flatMap(visit -> visit.quirks().stream().map(quirk -> visit.version() + ": " + quirk))
                .toList();
    }

    String json() {
        StringBuilder quirks = new StringBuilder("[");
        for (String quirk : quirks()) {
            quirks.append(quirks.length() > 1 ? "," : "");
            Json.quote(quirk, quirks);
        }
        return Json.object()
                .put("server", server)
                .put("accepted", accepted())
                .putRaw("versions", visits.stream().map(Visit::json).collect(Collectors.joining(",", "[", "]")))
                .putRaw("quirks", quirks.append(']').toString())
                .toString();
    }

    /** The names of all facts, in the order in which they came up. */
    private List<String> names() {
        return visits.stream()
                .flatMap(visit -> visit.facts().keySet().stream())
                .distinct()
                .toList();
    }

    /** A page with these findings. */
    HtmlReport report() {
        HtmlReport page = new HtmlReport("hawser doctor", server);
        long versions = visits.stream().filter(Visit::accepted).count();
        List<String> quirks = quirks();
        page.verdict(
                accepted(),
                accepted()
                        ? "Accepts " + versions + (versions == 1 ? " version" : " versions") + " of MQTT, "
                                + (quirks.isEmpty() ? "no" : quirks.size())
                                + (quirks.size() == 1 ? " quirk" : " quirks")
                        : "No version of MQTT is accepted");
        List<List<String>> rows = new ArrayList<>();
        rows.add(cells("", visit -> "MQTT " + visit.version()));
        rows.add(cells("accepted", visit -> yes(visit.accepted())));
        names().forEach(name -> rows.add(cells(name, visit -> cell(visit, name))));
        page.table("What it accepts, grants and does", rows);
        page.list("Quirks", quirks);
        page.list(
                "Not accepted",
                visits.stream()
                        .filter(visit -> !visit.accepted())
                        .map(visit -> "MQTT " + visit.version() + ": " + visit.refusal())
                        .toList());
        return page;
    }

    private List<String> cells(String label, Function<Visit, String> cell) {
        return Stream.concat(Stream.of(label), visits.stream().map(cell)).toList();
    }

    String table() {
        StringBuilder table = new StringBuilder(server).append("\n\n");
        row(table, "", visits.stream().map(visit -> "MQTT " + visit.version()).toList());
        row(
                table,
                "accepted",
                visits.stream().map(visit -> yes(visit.accepted())).toList());
        for (String name : names()) {
            row(table, name, visits.stream().map(visit -> cell(visit, name)).toList());
        }
        table.append(visits.stream().allMatch(Visit::accepted) ? "" : "\n");
        for (Visit visit : visits) {
            if (!visit.accepted()) {
                table.append("MQTT ").append(visit.version()).append(" is not accepted: ");
                table.append(Utf8.printable(visit.refusal())).append('\n');
            }
        }
        List<String> quirks = quirks();
        if (accepted()) {
            table.append(quirks.isEmpty() ? "\nNo quirks seen.\n" : "\nQuirks seen:\n");
        }
        quirks.forEach(quirk -> table.append("  ").append(Utf8.printable(quirk)).append('\n'));
        return table.toString();
    }

    private static String cell(Visit visit, String name) {
        Object value = visit.facts().get(name);
        if (value instanceof Boolean flag) {
            return yes(flag);
        }
        if (name.equals("sessionExpirySeconds")
                && Long.valueOf(PropertyOptions.UNSIGNED_INT).equals(value)) {
            return "for ever";
        }
        if (name.equals("assignedClientId") && value instanceof String id) {
            return id.isEmpty() ? "yes, not told" : id.equals("refused") ? id : "yes";
        }
        return value == null ? "-" : Utf8.printable(value.toString());
    }

    private static String yes(boolean flag) {
        return flag ? "yes" : "no";
    }

    private static void row(StringBuilder table, String label, List<String> cells) {
        StringBuilder row = new StringBuilder(label);
        for (int i = 0; i < cells.size(); i++) {
            row.append(" ".repeat(Math.max(1, LABEL + i * COLUMN - row.length())))
                    .append(cells.get(i));
        }
        table.append(row.toString().stripTrailing()).append('\n');
    }
}
