package io.hawser.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.MessageDroppedException;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.UserProperty;
import io.hawser.store.SessionContents;
import io.hawser.store.SessionContents.StoredPublish;
import io.hawser.store.SessionLog;
import io.hawser.store.SessionStore.Durability;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The format of a journal is version 1, and stays readable: the journals in the test resources were written by the first release.
 * A change that writes other bytes for the same session fails here; whoever wants it raises the version, keeps the old journals
 * readable, and puts new ones beside them.
 */
class JournalFormatTest {
    private static final Path STORE = Path.of("store");
    private static final String CLIENT = "keeper/\u00fc";

    /** The time of the wall clock while the journal was written. */
    private static final long TIME = 1_700_000_000_000L;

    private static final List<String> CONTENTS = List.of(
            "1 plain, identifier 7 and PUBREC",
            "2 rich, key k, queued, perhaps again",
            "3 late, key gone, failed with too late",
            "4 done, key well, ended with NO_MATCHING_SUBSCRIBERS nobody [a: b]",
            "5 odd, queued, ended 3 connections",
            "6 again, queued",
            "1041 long 1041, queued",
            "1060 long 1060, identifier 9",
            "received 65535",
            "subscription a/+/#, AT_LEAST_ONCE, SubscriptionOptions 268435455 true true DO_NOT_SEND",
            "subscription b, EXACTLY_ONCE, SubscriptionOptions 0 false false SEND");

    /** Does everything that is written to a journal, over several segments and three lives. */
    static MemoryFileSystem written(Durability durability) {
        MemoryFileSystem disk = new MemoryFileSystem();
        SessionLog log = opened(disk, durability);
        Publish plain =
                accepted(log, 1, Message.of("plain", "p").qos(Qos.EXACTLY_ONCE).retain(true), null);
        Publish rich = accepted(log, 2, rich(), "k");
        Publish late = accepted(log, 3, Message.of("late", "l"), "gone");
        Publish done = accepted(log, 4, Message.of("done", "d"), "well");
        Publish odd = accepted(log, 5, Message.of("odd", "o"), null);
        Publish again = accepted(log, 6, Message.of("again", "a"), null);
        sent(log, plain, 7);
        sent(log, rich, 8);
        sent(log, again, 9);
        log.sync();
        plain.released = true;
        log.released(plain);
        rich.possiblyDuplicated = true;
        unsent(log, rich);
        unsent(log, again);
        late.failure = new MessageDroppedException(MessageDroppedException.Rule.EXPIRED, "too late");
        log.concluded(late);
        done.result = new PublishResult(
                ReasonCode.NO_MATCHING_SUBSCRIBERS, "nobody", List.of(new UserProperty("a", "b")), true);
        log.concluded(done);
        odd.ends = StoredPublish.ASIDE;
        log.suspected(odd);
        log.received(1);
        log.received(65_535);
        log.forgotten(1);
        log.subscribed(new Subscription(
                TopicFilter.of("a/+/#"),
                Qos.AT_LEAST_ONCE,
                true,
                true,
                Subscription.RetainHandling.DO_NOT_SEND,
                268_435_455));
        log.subscribed(Subscription.to("b").qos(Qos.EXACTLY_ONCE));
        log.subscribed(Subscription.to("c"));
        log.unsubscribed(TopicFilter.of("c"));
        log.sync();
        log.close();
        log = opened(disk, durability);
        for (int sequence = 1_001; sequence <= 1_060; sequence++) {
            Message message =
                    Message.of("long", "long " + sequence + "x".repeat(300)).qos(Qos.AT_LEAST_ONCE);
            Publish publish = accepted(log, sequence, message, null);
            log.sync();
            if (sequence != 1_041) {
                sent(log, publish, 9);
            }
            if (sequence != 1_041 && sequence != 1_060) {
                log.settled(publish);
            }
            log.sync();
        }
        log.close();
        opened(disk, durability).close();
        return disk;
    }

    private static SessionLog opened(MemoryFileSystem disk, Durability durability) {
        JournalOptions options =
                new JournalOptions(durability, FileSessionStore.LEAST_SEGMENT_BYTES, 1000, disk, () -> TIME, true);
        SessionLog log = new FileSessionStore(STORE, options).open(CLIENT);
        log.replay(publish -> publish, packetId -> {}, subscription -> {});
        return log;
    }

    private static Message rich() {
        return Message.of("rich", "r")
                .qos(Qos.AT_LEAST_ONCE)
                .utf8(true)
                .expiry(Duration.ofSeconds(4_294_967_295L))
                .contentType("text/plain")
                .responseTopic("answers/1")
                .correlationData(new byte[] {1, 2})
                .userProperty("name", "value");
    }

    private static Publish accepted(SessionLog log, long sequence, Message message, String key) {
        Publish publish = new Publish(sequence, message, key);
        log.accepted(publish);
        return publish;
    }

    private static void sent(SessionLog log, Publish publish, int packetId) {
        publish.packetId = packetId;
        log.sent(publish);
    }

    private static void unsent(SessionLog log, Publish publish) {
        publish.packetId = 0;
        log.unsent(publish);
    }

    @ParameterizedTest
    @EnumSource
    void readsTheJournalsOfVersion1(Durability durability) throws IOException {
        MemoryFileSystem disk = checkedIn(durability);
        JournalOptions options = new JournalOptions(
                durability, FileSessionStore.LEAST_SEGMENT_BYTES, 1000, disk, () -> TIME + 5_000, true);
        FileSessionStore store = new FileSessionStore(STORE, options);

        assertThat(store.verify(CLIENT)).isEmpty();
        assertThat(lines(store.snapshot(CLIENT))).isEqualTo(CONTENTS);
        SessionLog log = store.open(CLIENT);
        assertThat(lines(log)).isEqualTo(CONTENTS);
        assertThat(log.lastSequence()).isEqualTo(1_060);
        assertThat(log.damage()).isNull();
        log.close();
    }

    @ParameterizedTest
    @EnumSource
    void writesTheJournalsOfVersion1(Durability durability) throws IOException {
        assertThat(files(written(durability))).isEqualTo(files(checkedIn(durability)));
    }

    /** Otherwise the tests above would prove less than they seem to. */
    @Test
    void journalsInTheResourcesHaveSeveralSegmentsAndOneThatWasCompacted() throws IOException {
        List<SegmentHeader> headers = new ArrayList<>();
        MemoryFileSystem disk = checkedIn(Durability.PROCESS);
        for (Path path : disk.paths()) {
            if (path.toString().endsWith(".log")) {
                headers.add(SegmentHeader.decoded(ByteBuffer.wrap(disk.content(path))));
            }
        }
        assertThat(headers).hasSizeGreaterThan(2).anyMatch(SegmentHeader::rewritten);
        assertThat(headers).allMatch(header -> header.version() == 1);
    }

    private static Map<String, String> files(MemoryFileSystem disk) {
        Map<String, String> files = new TreeMap<>();
        for (Path path : disk.paths()) {
            files.put(path.toString(), HexFormat.of().formatHex(disk.content(path)));
        }
        return files;
    }

    /** The journal in the resources: for each file a line with its name and its bytes in hexadecimal digits. */
    private static MemoryFileSystem checkedIn(Durability durability) throws IOException {
        String resource = "journal-1-" + durability.name().toLowerCase(Locale.ROOT) + ".txt";
        MemoryFileSystem disk = new MemoryFileSystem();
        try (InputStream in = JournalFormatTest.class.getResourceAsStream(resource)) {
            assertThat(in).as(resource).isNotNull();
            new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().forEach(line -> {
                String[] file = line.split(" ", 2);
                disk.content(Path.of(file[0]), HexFormat.of().parseHex(file[1]));
            });
        }
        return disk.copy();
    }

    private static List<String> lines(SessionContents contents) {
        List<StoredPublish> publishes = new ArrayList<>();
        List<String> others = new ArrayList<>();
        contents.replay(
                publish -> {
                    publishes.add(publish);
                    return publish;
                },
                packetId -> others.add("received " + packetId),
                subscription -> others.add("subscription " + subscription.filter() + ", " + subscription.qos()
                        + ", SubscriptionOptions " + subscription.identifier() + " " + subscription.noLocal() + " "
                        + subscription.retainAsPublished() + " " + subscription.retainHandling()));
        publishes.addAll(contents.read(0, 1_000, 1_000_000).join());
        List<String> lines = new ArrayList<>(publishes.stream()
                .sorted(Comparator.comparing(StoredPublish::sequence))
                .map(JournalFormatTest::line)
                .toList());
        lines.addAll(others.stream().sorted().toList());
        return lines;
    }

    private static String line(StoredPublish publish) {
        Message message = publish.message();
        if (message.topic().equals("rich")) {
            assertThat(message).isEqualTo(rich());
        }
        String name = message.topic().equals("long") ? message.text().substring(0, 9) : message.topic();
        PublishResult result = publish.result();
        String state = publish.packetId() > 0
                ? "identifier " + publish.packetId() + (publish.released() ? " and PUBREC" : "")
                : result != null
                        ? "ended with " + result.reasonCode() + " " + result.reasonString() + " "
                                + result.userProperties().stream()
                                        .map(property -> property.name() + ": " + property.value())
                                        .toList()
                        : publish.failure() != null
                                ? "failed with " + publish.failure().getMessage()
                                : "queued";
        return publish.sequence() + " " + name + ", "
                + (publish.key() == null ? "" : "key " + publish.key() + ", ")
                + state
                + (publish.possiblyDuplicated() && result == null ? ", perhaps again" : "")
                + (publish.ends() > 0 ? ", ended " + publish.ends() + " connections" : "");
    }
}
