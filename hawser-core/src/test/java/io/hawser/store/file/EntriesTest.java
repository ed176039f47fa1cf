package io.hawser.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EntriesTest {
    private static final long NOW = 1_000_000;

    private static Frame frame() {
        Frame frame = new Frame(ByteBuffer.allocate(Frame.SIZE));
        frame.clock = NOW;
        return frame;
    }

    private static int accept(Frame to, long sequence, long age, Message message, String key) {
        Publish publish = new Publish(sequence, message, key);
        int before = to.buffer.position();
        EntryWriter.accepted(to, publish, EntryWriter.extras(publish), age);
        return to.buffer.position() - before;
    }

    /** What makes two messages the same when they are read back an hour later. */
    private record Read(long sequence, Message message, String key, long age) {
        static Read of(EntryReader in) {
            JournalledPublish publish = in.publish(NOW + 3_600_000);
            return new Read(
                    publish.sequence(),
                    publish.message(),
                    String.valueOf(publish.key()),
                    publish.ageNanos() / 1_000_000);
        }
    }

    private static List<Read> messagesIn(Frame frame) {
        List<Read> messages = new ArrayList<>();
        for (EntryReader in = new EntryReader(frame.body(), frame.clock); in.next(); ) {
            if (in.type == EntryWriter.ACCEPTED) {
                messages.add(Read.of(in));
            }
        }
        return messages;
    }

    @Test
    void messagesInARowSayTopicAndSequenceOnce() {
        Frame frame = frame();
        Message message = Message.of("meters/7/temp", "21.5").qos(Qos.AT_LEAST_ONCE);

        int first = accept(frame, 300, 0, message, null);
        int second = accept(frame, 301, 0, message, null);

        assertThat(first).isEqualTo(1 + 2 + 1 + 1 + 1 + 13 + 4);
        assertThat(second).isEqualTo(1 + 1 + 4);
    }

    @Test
    void otherTopicSequenceOrAgeIsSaidAgain() {
        Frame frame = frame();
        Message message = Message.of("a", "x");
        accept(frame, 1, 0, message, null);

        assertThat(accept(frame, 2, 0, Message.of("b", "x"), null)).isEqualTo(1 + 1 + 1 + 1 + 1);
        assertThat(accept(frame, 4, 0, Message.of("b", "x"), null)).isEqualTo(1 + 2 + 1 + 1);
        assertThat(accept(frame, 5, 1, Message.of("b", "x"), null)).isEqualTo(1 + 2 + 1 + 1);
        assertThat(messagesIn(frame)).extracting(Read::sequence).containsExactly(1L, 2L, 4L, 5L);
    }

    @Test
    void messageBehindAnotherEntrySaysEverything() {
        Frame frame = frame();
        Message message = Message.of("a", "x");
        accept(frame, 1, 0, message, null);
        EntryWriter.sent(frame.buffer, 1, 1, 1);

        assertThat(accept(frame, 2, 0, message, null)).isEqualTo(1 + 2 + 1 + 1 + 1 + 1);
    }

    @Test
    void frameThatIsUsedAgainSharesNothingWithItsLastUse() {
        Frame frame = frame();
        Message message = Message.of("a", "x");
        int whole = accept(frame, 1, 0, message, null);
        frame.reuse();

        assertThat(accept(frame, 2, 0, message, null)).isEqualTo(whole);
    }

    @Test
    void everyMessageReadsBackWhateverItSharesWithTheOneBefore() {
        Random random = new Random(7);
        for (int round = 0; round < 500; round++) {
            Frame frame = frame();
            List<Read> written = write(frame, random);

            assertThat(messagesIn(frame)).isEqualTo(written);
        }
    }

    @Test
    void stateIsTheSameFromTheRunAtTheBeginningAndFromEveryEntry() {
        Random random = new Random(8);
        for (int round = 0; round < 500; round++) {
            Frame frame = frame();
            List<Read> written = write(frame, random);
            SessionState byRun = new SessionState();
            byRun.open(1);
            byRun.apply(frame);
            SessionState byEntry = new SessionState();
            byEntry.open(1);
            byEntry.apply(frame.body());

            assertThat(byRun.current().encoded()).isEqualTo(byEntry.current().encoded());
            assertThat(byRun.lastSequence)
                    .isEqualTo(written.get(written.size() - 1).sequence());
        }
    }

    @Test
    void whatIsCopiedSaysWhatItSharedWithWhatIsNot() {
        Random random = new Random(9);
        for (int round = 0; round < 500; round++) {
            Frame frame = frame();
            List<Read> wanted = write(frame, random);
            wanted.removeIf(message -> message.sequence() % 3 == 0);
            Frame copy = frame();
            int copied = 0;
            for (EntryReader in = new EntryReader(frame.body(), frame.clock); in.next(); ) {
                if (in.type == EntryWriter.ACCEPTED && in.sequence % 3 != 0) {
                    in.copyTo(copy);
                    copied++;
                }
            }

            assertThat(messagesIn(copy)).isEqualTo(wanted);
            assertThat(copy.buffer.position())
                    .isLessThanOrEqualTo(frame.buffer.position() + copied * EntryWriter.ACCEPTED_NUMBERS);
        }
    }

    private static List<Read> write(Frame frame, Random random) {
        List<Read> written = new ArrayList<>();
        long sequence = 1 + random.nextInt(1_000_000);
        long age = 0;
        for (int i = 0; i < 40; i++) {
            sequence += random.nextInt(5) == 0 ? 2 : 1;
            age += random.nextInt(8) == 0 ? random.nextInt(2_000) - 1_000 : 0;
            Message message = Message.of("topic/" + "x".repeat(random.nextInt(3)), "p".repeat(random.nextInt(300)))
                    .qos(Qos.of(random.nextInt(3)))
                    .retain(random.nextInt(10) == 0);
            String key = random.nextInt(6) == 0 ? "key " + i : null;
            accept(frame, sequence, age, message, key);
            written.add(new Read(sequence, message, String.valueOf(key), 3_600_000 - age));
            if (random.nextInt(10) == 0) {
                EntryWriter.sent(frame.buffer, sequence, 1 + i, 1);
            }
        }
        return written;
    }
}
