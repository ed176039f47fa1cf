package io.hawser.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.StoreException;
import io.hawser.store.SessionLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A segment is missed whatever has become of the files behind it. */
class MissingSegmentTest {
    private static final int MESSAGES = 100;

    @TempDir
    Path directory;

    /** How a crash, or whatever else, has left the newest file. */
    enum Newest {
        WHOLE {
            @Override
            byte[] of(byte[] content) {
                return content;
            }
        },
        EMPTY {
            @Override
            byte[] of(byte[] content) {
                return new byte[0];
            }
        },
        HEADER_ONLY {
            @Override
            byte[] of(byte[] content) {
                return Arrays.copyOf(content, SegmentHeader.LENGTH);
            }
        },
        CHECKPOINT_CUT {
            @Override
            byte[] of(byte[] content) {
                return Arrays.copyOf(content, SegmentHeader.LENGTH + Frame.HEADER + 3);
            }
        },
        ZEROS {
            @Override
            byte[] of(byte[] content) {
                return new byte[content.length];
            }
        },
        NOISE {
            @Override
            byte[] of(byte[] content) {
                byte[] noise = new byte[content.length];
                new Random(1).nextBytes(noise);
                return noise;
            }
        };

        abstract byte[] of(byte[] content);
    }

    @ParameterizedTest
    @EnumSource
    void isToldByVerifyAndByTheLog(Newest newest) throws IOException {
        for (int missing = 0; ; missing++) {
            FileSessionStore store = FileSessionStore.at(directory.resolve("store" + missing))
                    .segmentBytes(FileSessionStore.LEAST_SEGMENT_BYTES);
            SessionLog log = store.open("m");
            for (int i = 1; i <= MESSAGES; i++) {
                log.accepted(new Publish(i, Message.of("t", new byte[100]), null));
                Syncs.awaitSafe(log);
            }
            log.close();
            List<Path> segments = segments(store);
            if (missing == segments.size() - 1) {
                assertThat(missing).isGreaterThan(2);
                return;
            }
            Path last = segments.get(segments.size() - 1);
            Files.delete(segments.get(missing));
            Files.write(last, newest.of(Files.readAllBytes(last)));
            String name = segments.get(missing).getFileName().toString();

            assertThat(store.verify("m")).as("without %s", name).anyMatch(text -> text.contains(name + " is missing"));
            SessionLog again = store.open("m");
            StoreException damage = again.damage();
            again.close();
            assertThat(damage).isNotNull().hasMessageContaining(name + " is missing");
            assertThat(store.verify("m")).as("told once").isEmpty();
        }
    }

    private static List<Path> segments(FileSessionStore store) throws IOException {
        try (Stream<Path> files = Files.list(store.directory("m"))) {
            return files.filter(file -> file.toString().endsWith(".log"))
                    .sorted()
                    .toList();
        }
    }
}
