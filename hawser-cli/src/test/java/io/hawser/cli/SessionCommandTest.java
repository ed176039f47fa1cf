package io.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.StoreException;
import io.hawser.mqtt.Subscription;
import io.hawser.store.SessionContents.StoredPublish;
import io.hawser.store.SessionLog;
import io.hawser.store.file.FileSessionStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code session} on stores that hold something of everything. */
class SessionCommandTest {
    @TempDir
    Path directory;

    private FileSessionStore store;

    private record Stored(
            long sequence,
            Message message,
            @Nullable String key,
            int packetId,
            boolean released,
            @Nullable PublishResult result)
            implements StoredPublish {
        Stored(long sequence, int packetId, boolean released, @Nullable PublishResult result) {
            this(
                    sequence,
                    Message.of("t/" + sequence, "text " + sequence).qos(Qos.EXACTLY_ONCE),
                    sequence == 3 ? "k" : null,
                    packetId,
                    released,
                    result);
        }
    }

    @BeforeEach
    void fill() {
        store = FileSessionStore.at(directory);
        SessionLog log = store.open("ship\n1");
        for (int sequence = 1; sequence <= 5; sequence++) {
            log.accepted(new Stored(sequence, 0, false, null));
        }
        log.sent(new Stored(1, 11, false, null));
        log.sent(new Stored(2, 12, false, null));
        log.released(new Stored(1, 11, true, null));
        log.concluded(new Stored(3, 0, false, PublishResult.ACKNOWLEDGED));
        log.received(77);
        log.subscribed(Subscription.to("s/#").qos(Qos.AT_LEAST_ONCE));
        close(log);
    }

    private static void close(SessionLog log) {
        log.sync();
        log.close();
    }

    @Test
    void listsWhatIsInEachSession() throws IOException {
        close(store.open("a"));

        assertThat(session()).contains("client", "ship\\u000a1").startsWith("0:");
        assertThat(session("--json").lines().toList().get(1))
                .startsWith("{\"clientId\":\"ship\\n1\",\"waiting\":2,\"waitingBytes\":18,\"inflight\":2,\"unheard\":1,"
                        + "\"setAside\":0,\"received\":1,\"subscriptions\":[\"s/#\"],\"segments\":1,\"bytesOnDisk\":");
        assertThat(session("--json", "-i", "a").lines()).hasSize(1);
    }

    @Test
    void listingChangesNoFile() throws IOException {
        var before = contents();
        session();
        session("--json");
        session("--verify");
        session("--export");
        assertThat(contents()).isEqualTo(before);
    }

    @Test
    void exportsMessagesInTheirOrderWithTheirState() throws IOException {
        List<String> lines = session("--export").lines().toList();
        assertThat(lines).hasSize(5);
        List<String> ends = List.of(
                "\"dup\":true,\"payload\":\"text 1\",\"clientId\":\"ship\\n"
                        + "1\",\"sequence\":1,\"state\":\"released\",\"packetId\":11}",
                "\"dup\":true,\"payload\":\"text 2\",\"clientId\":\"ship\\n"
                        + "1\",\"sequence\":2,\"state\":\"sent\",\"packetId\":12}",
                "\"payload\":\"text 3\",\"clientId\":\"ship\\n"
                        + "1\",\"sequence\":3,\"key\":\"k\",\"state\":\"acknowledged\"}",
                "\"payload\":\"text 4\",\"clientId\":\"ship\\n1\",\"sequence\":4,\"state\":\"waiting\"}",
                "\"payload\":\"text 5\",\"clientId\":\"ship\\n1\",\"sequence\":5,\"state\":\"waiting\"}");
        for (int i = 0; i < 5; i++) {
            assertThat(lines.get(i)).contains("{\"tst\":").endsWith(ends.get(i));
        }
    }

    @Test
    void verifyNamesFileAndOffsetAndRepairSetsTheFileAside() throws IOException {
        SessionLog log = store.open("ship\n1");
        log.replay(publish -> publish, id -> {}, subscription -> {});
        // Two writes, the first of which is damaged.
        for (long sequence = 6; sequence <= 7; sequence++) {
            log.accepted(new Stored(sequence, 0, false, null));
            log.sync();
            log.read(sequence - 1, 1, 1).join();
        }
        close(log);
        assertThat(session("--verify")).isEqualTo("0:ship\\u000a1: sound\n");
        Path segment = segmentWith("text 6");
        byte[] bytes = Files.readAllBytes(segment);
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("text 6");
        bytes[at] ^= 1;
        Files.write(segment, bytes);

        assertThat(session("--verify")).startsWith("1:ship\\u000a1: ").contains(segment.getFileName() + " ", " byte ");
        assertThat(session("--repair")).startsWith("0:ship\\u000a1: ").contains("damaged", "quarantine");
        assertThat(session("--verify")).isEqualTo("0:ship\\u000a1: sound\n");
        assertThat(session("--repair")).isEqualTo("0:ship\\u000a1: nothing to repair\n");
        assertThat(session("--json")).contains("\"quarantined\":1");
        assertThat(session("--export")).contains("\"text 5\"", "\"text 7\"").doesNotContain("\"text 6\"");
    }

    /** A message in flight, one with a key in flight and one that waits again are set aside. */
    private void setAside() {
        SessionLog log = store.open("boat");
        for (int sequence = 1; sequence <= 5; sequence++) {
            log.accepted(new Stored(sequence, 0, false, null));
        }
        for (int sequence : new int[] {1, 3, 4, 5}) {
            log.sent(new Stored(sequence, 10 + sequence, false, null));
        }
        log.unsent(new Stored(4, 0, false, null));
        for (int sequence : new int[] {1, 3, 4}) {
            log.suspected(new Aside(sequence, sequence == 4 ? 0 : 10 + sequence));
        }
        close(log);
    }

    private record Aside(long sequence, int packetId) implements StoredPublish {
        @Override
        public Message message() {
            return Message.of("t/" + sequence, "text");
        }

        @Override
        public boolean released() {
            return false;
        }

        @Override
        public int ends() {
            return ASIDE + 1;
        }
    }

    @Test
    void showsWhatIsSetAside() throws IOException {
        setAside();

        assertThat(session("-i", "boat").lines().filter(line -> line.contains("set aside")))
                .hasSize(3)
                .first()
                .asString()
                .contains("sequence 1, 6 bytes to 't/1', EXACTLY_ONCE");
        assertThat(session("--json", "-i", "boat")).contains("\"setAside\":3");
        assertThat(session("--export", "-i", "boat").lines().filter(line -> line.contains("\"state\":\"set aside\"")))
                .hasSize(3);
    }

    @Test
    void letsAMessageThatIsSetAsideBeSentAgain() throws IOException {
        setAside();

        assertThat(session("-i", "boat", "--retry", "1")).startsWith("0:boat: to be sent again: sequence 1,");
        assertThat(session("-i", "boat", "--retry", "4")).startsWith("0:boat: to be sent again: sequence 4,");

        assertThat(session("--json", "-i", "boat")).contains("\"setAside\":1", "\"inflight\":3", "\"waiting\":2");
        assertThatThrownBy(() -> session("-i", "boat", "--retry", "1"))
                .hasMessageContaining("no message 1 that is set aside");
    }

    @Test
    void dropsAMessageThatIsSetAside() throws IOException {
        setAside();

        assertThat(session("-i", "boat", "--drop", "4")).startsWith("0:boat: dropped sequence 4,");
        assertThat(session("-i", "boat", "--drop", "1")).startsWith("0:boat: dropped sequence 1,");
        assertThat(session("--json", "-i", "boat")).contains("\"setAside\":1", "\"inflight\":2", "\"waiting\":1");

        assertThat(session("-i", "boat", "--drop", "3")).startsWith("0:boat: dropped sequence 3,");
        assertThat(session("--json", "-i", "boat"))
                .as("somebody is to hear of the one with a key")
                .contains("\"setAside\":0", "\"inflight\":1", "\"unheard\":1");
        assertThat(session("--verify", "-i", "boat")).isEqualTo("0:boat: sound\n");
    }

    @Test
    void aSequenceWithoutItsSessionIsAnError() {
        assertThatThrownBy(() -> session("--drop", "1")).hasMessageContaining("need -i");
    }

    @Test
    void aSessionThatIsOpenIsListedAndVerifiedAndNothingElse() throws IOException {
        SessionLog log = store.open("ship\n1");
        try {
            assertThat(session("--json")).contains("\"waiting\":2", "\"holder\":\"this process\"");
            assertThat(session("--verify")).isEqualTo("0:ship\\u000a1: sound\n");
            assertThatThrownBy(() -> session("--export"))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("is open in another client: this process");
            assertThatThrownBy(() -> session("--repair"))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("is open in another client");
        } finally {
            log.close();
        }
    }

    @Test
    void whatIsNotThereIsAnError() throws IOException {
        assertThat(Main.run("session", directory.resolve("no").toString())).isEqualTo(1);
        assertThat(Main.run("session", directory.toString(), "-i", "nobody")).isEqualTo(1);
        assertThat(Main.run("session", directory.toString(), "--verify", "--export"))
                .isEqualTo(1);
        assertThat(Main.run("session", directory.toString(), "--verify", "--json"))
                .isEqualTo(1);
    }

    private Path segmentWith(String text) throws IOException {
        try (Stream<Path> files = Files.list(store.directory("ship\n1"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (Files.readString(file, StandardCharsets.ISO_8859_1).contains(text)) {
                    return file;
                }
            }
        }
        throw new AssertionError("no segment has " + text);
    }

    private TreeMap<Path, List<Byte>> contents() throws IOException {
        TreeMap<Path, List<Byte>> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                List<Byte> bytes = new ArrayList<>();
                for (byte b : Files.readAllBytes(file)) {
                    bytes.add(b);
                }
                contents.put(file, bytes);
            }
        }
        return contents;
    }

    /** Exit code, colon, standard output. */
    private String session(String... options) throws IOException {
        SessionCommand command = new SessionCommand();
        String[] arguments = Stream.concat(Stream.of(directory.toString()), Stream.of(options))
                .toArray(String[]::new);
        new CommandLine(command).parseArgs(arguments);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int code = command.run(new PrintStream(out, true, StandardCharsets.UTF_8));
        return code + ":" + out.toString(StandardCharsets.UTF_8);
    }
}
