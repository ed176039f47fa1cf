package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.Qos;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What was confirmed and what arrived in a campaign, and whether the one follows from the other. */
final class KillLedger {
    /** A line of the subscriber's notes. */
    record Note(long number, boolean duplicate) {}

    private static final Pattern RECEIVED =
            Pattern.compile("Received PUBLISH from " + KillPublisher.CLIENT_ID + " .*, m(\\d+), 'kill/./(\\d+)'");
    private static final Pattern ANSWERED =
            Pattern.compile("Sending (?:PUBACK|PUBREC) to " + KillPublisher.CLIENT_ID + " \\(m(\\d+), rc(?:0|16)\\)");

    private static final Pattern PASSED_ON =
            Pattern.compile("Sending PUBLISH to " + KillSubscriber.CLIENT_ID + " .*, m(\\d+), 'kill/./(\\d+)'");
    private static final Pattern RELEASED =
            Pattern.compile("Sending PUBREL to " + KillSubscriber.CLIENT_ID + " \\(m(\\d+)");
    private static final Pattern COMPLETED =
            Pattern.compile("Received PUBCOMP from " + KillSubscriber.CLIENT_ID + " \\(Mid: (\\d+)");

    private final Path handled;
    private final Path outcomes;
    private final Set<Long> confirmed = new TreeSet<>();
    private final List<String> trouble = new ArrayList<>();
    /** QoS 2 numbers that a broker may make come twice. */
    private final Set<Long> excused = new HashSet<>();
    /** How many lines were in the notes when a subscriber had died. */
    private final List<Integer> deaths = new ArrayList<>();

    KillLedger(Path directory) {
        handled = directory.resolve(KillSubscriber.HANDLED);
        outcomes = directory.resolve(KillPublisher.OUTCOMES);
    }

    void publisherSaid(List<String> lines) {
        for (String line : lines) {
            if (line.startsWith(KillPublisher.CONFIRMED)) {
                confirmed.add(Long.parseLong(line.substring(KillPublisher.CONFIRMED.length())));
            } else if (line.startsWith(KillPublisher.TROUBLE)) {
                trouble.add(line);
            }
        }
    }

    void subscriberKilled(List<String> lines) {
        publisherSaid(lines);
        deaths.add(Appending.lines(handled).size());
    }

    long handledSize() {
        try {
            return Files.exists(handled) ? Files.size(handled) : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean hasHandled(String topic) {
        return Appending.lines(handled).stream().anyMatch(line -> line.startsWith(topic + " "));
    }

    /** What arrived, in order; -1 for what ends the campaign. */
    private List<Note> notes() {
        List<Note> notes = new ArrayList<>();
        for (String line : Appending.lines(handled)) {
            String[] words = line.split(" ");
            boolean end = words[0].contains(KillSubscriber.END);
            long number = end ? -1 : Long.parseLong(words[0]);
            assertThat(number).as("a message that is not what was sent").isNotEqualTo(end ? 0 : -1);
            notes.add(new Note(number, words[1].equals(KillSubscriber.DUPLICATE)));
        }
        return notes;
    }

    @Override
    public String toString() {
        List<Note> notes = notes();
        return confirmed.size() + " confirmed, " + notes.size() + " handled, "
                + doubled().size() + " handled twice at QoS 2 over " + deaths.size()
                + " deaths of the subscriber, outcomes "
                + outcomes().values().stream().collect(Collectors.groupingBy(Object::toString, Collectors.counting()));
    }

    void assertNoTrouble() {
        assertThat(trouble).isEmpty();
    }

    Set<Long> confirmed() {
        return confirmed;
    }

    Set<Long> missing() {
        Set<Long> missing = new TreeSet<>(confirmed);
        notes().forEach(note -> missing.remove(note.number()));
        return missing;
    }

    /** QoS 2 numbers that arrived more often than once. */
    Set<Long> doubled() {
        Set<Long> doubled = new TreeSet<>();
        Set<Long> seen = new HashSet<>();
        for (Note note : notes()) {
            if (isExactlyOnce(note) && !seen.add(note.number())) {
                doubled.add(note.number());
            }
        }
        return doubled;
    }

    private boolean isExactlyOnce(Note note) {
        return note.number() >= 0
                && Numbered.qos(note.number()) == Qos.EXACTLY_ONCE
                && !excused.contains(note.number());
    }

    /**
     * Between the end of a handler and the entry that says so is a moment, in which a kill makes the message come again: no
     * log can say that the handler has done what only the handler knows. So what comes again at QoS 2 after a kill is the
     * message handled last, and it must say that it may have come before. Without a kill of the subscriber, nothing does.
     */
    void assertDoubledOnlyByDeathInTheHandler() {
        List<Note> notes = notes();
        List<Integer> ends = new ArrayList<>(deaths);
        ends.add(notes.size());
        int from = 0;
        for (int end : ends) {
            Set<Long> later = new HashSet<>();
            notes.subList(end, notes.size()).forEach(note -> later.add(note.number()));
            List<Long> life = new ArrayList<>();
            notes.subList(from, end).stream().filter(this::isExactlyOnce).forEach(note -> life.add(note.number()));
            assertThat(life).as("QoS 2 within one life").doesNotHaveDuplicates();
            assertThat(life.stream().limit(Math.max(0, life.size() - 1)).filter(later::contains))
                    .as("handled before the last, and again after a kill")
                    .isEmpty();
            from = end;
        }
        assertRepetitionsSaySo(notes);
    }

    private void assertRepetitionsSaySo(List<Note> notes) {
        Set<Long> seen = new HashSet<>();
        List<Note> silent = new ArrayList<>();
        for (Note note : notes) {
            if (isExactlyOnce(note) && !seen.add(note.number()) && !note.duplicate()) {
                silent.add(note);
            }
        }
        assertThat(silent).as("repetitions without DUP").isEmpty();
    }

    void assertOrder() {
        Set<Long> once = new LinkedHashSet<>();
        notes().forEach(note -> once.add(note.number()));
        once.remove(-1L);
        assertThat(new ArrayList<>(once)).isSorted();
    }

    /** Everything that was ever said of a number. */
    Map<Long, Set<String>> outcomes() {
        Map<Long, Set<String>> all = new HashMap<>();
        for (String line : Appending.lines(outcomes)) {
            String[] words = line.split(" ", 2);
            all.computeIfAbsent(Long.parseLong(words[0]), number -> new TreeSet<>())
                    .add(words[1]);
        }
        return all;
    }

    void assertOutcomesHeard() {
        Map<Long, Set<String>> heard = outcomes();
        List<Long> unheard = confirmed.stream()
                .filter(number -> KillPublisher.hasKey(number) && !heard.containsKey(number))
                .toList();
        assertThat(unheard).as("confirmed, with a key, and of unknown outcome").isEmpty();
    }

    /**
     * Numbers for which the broker answered PUBACK or PUBREC without an error (0, or 16: no matching subscribers), after which they are its own to lose: what it holds and has
     * not passed on is gone when it is killed.
     */
    static Set<Long> takenBy(String brokerLog) {
        Set<Long> taken = new HashSet<>();
        Map<String, Long> byPacketId = new HashMap<>();
        for (String line : brokerLog.split("\n")) {
            Matcher received = RECEIVED.matcher(line);
            Matcher answered = ANSWERED.matcher(line);
            if (received.find()) {
                byPacketId.put(received.group(1), Long.parseLong(received.group(2)));
            } else if (answered.find() && byPacketId.containsKey(answered.group(1))) {
                taken.add(byPacketId.get(answered.group(1)));
            }
        }
        return taken;
    }

    /**
     * Mosquitto 2.0 sends PUBLISH again where it has to send PUBREL again [MQTT-4.3.3-1], after a restart, and when a
     * connection ended before that; the subscriber has forgotten the message with the first PUBREL. What its log says to
     * have been sent so may come twice.
     */
    void excuseRepeatedAfterPubRel(String brokerLog) {
        Map<String, Long> byPacketId = new HashMap<>();
        Map<String, Long> released = new HashMap<>();
        for (String line : brokerLog.split("\n")) {
            Matcher passedOn = PASSED_ON.matcher(line);
            Matcher release = RELEASED.matcher(line);
            Matcher completed = COMPLETED.matcher(line);
            if (passedOn.find()) {
                Long number = Long.valueOf(passedOn.group(2));
                byPacketId.put(passedOn.group(1), number);
                if (number.equals(released.remove(passedOn.group(1)))) {
                    excused.add(number);
                }
            } else if (release.find() && byPacketId.containsKey(release.group(1))) {
                released.put(release.group(1), byPacketId.get(release.group(1)));
            } else if (completed.find()) {
                released.remove(completed.group(1));
            }
        }
    }
}
