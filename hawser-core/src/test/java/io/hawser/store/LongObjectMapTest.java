package io.hawser.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.Message;
import io.hawser.store.SessionContents.StoredPublish;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LongObjectMapTest {
    private record Stored(long sequence, int packetId) implements StoredPublish {
        @Override
        public Message message() {
            return Message.of("t", "m");
        }

        @Override
        public boolean released() {
            return false;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 100, 10_000})
    void isASortedMapOfSequences(int open) {
        SplittableRandom random = new SplittableRandom(open);
        LongObjectMap table = new LongObjectMap();
        TreeMap<Long, StoredPublish> model = new TreeMap<>();
        List<Long> sequences = new ArrayList<>();
        long next = 1L << 40;
        for (int step = 0; step < 50_000; step++) {
            if (sequences.size() < open && random.nextBoolean()) {
                Stored publish = new Stored(next++, 0);
                sequences.add(publish.sequence());
                table.add(publish);
                model.put(publish.sequence(), publish);
            } else if (!sequences.isEmpty()) {
                long sequence = sequences.get(random.nextInt(sequences.size()));
                Stored changed = new Stored(sequence, step);
                if (random.nextInt(3) > 0) {
                    table.replace(changed);
                    model.put(sequence, changed);
                } else {
                    table.remove(changed);
                    model.remove(sequence);
                    sequences.remove(sequence);
                }
            }
            if (step % 5_000 == 0) {
                assertThat(table.inOrder()).containsExactlyElementsOf(model.values());
            }
        }
        assertThat(table.inOrder()).containsExactlyElementsOf(model.values());
    }

    @Test
    void removingWhatIsNotThereChangesNothing() {
        LongObjectMap table = new LongObjectMap();
        table.add(new Stored(1, 0));

        table.remove(new Stored(17, 0));
        table.replace(new Stored(17, 0));

        assertThat(table.inOrder()).hasSize(1);
    }
}
