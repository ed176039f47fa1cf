package io.hawser.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class InFlightTest {
    private record One(int packetId, boolean released) {}

    @Test
    void oneRunForAllThatWereSentInARow() {
        InFlight inFlight = new InFlight();
        inFlight.send(10, 1, 5);
        inFlight.send(15, 6, 5);
        inFlight.remove(1, 12);

        assertThat(inFlight.inSendingOrder()).containsExactly(new InFlight.Run(13, 4, 7, 3, false));
        assertThat(inFlight.size()).isEqualTo(7);
    }

    @Test
    void whatIsSentAgainStandsBehindTheRest() {
        InFlight inFlight = new InFlight();
        inFlight.send(1, 1, 3);
        inFlight.send(2, 9, 1);

        assertThat(inFlight.inSendingOrder()).extracting(InFlight.Run::first).containsExactly(1L, 3L, 2L);
    }

    @Test
    void releasedInARowIsOneRunAgain() {
        InFlight inFlight = new InFlight();
        inFlight.send(1, 1, 10);
        inFlight.release(3, 3);
        inFlight.release(1, 5);
        inFlight.release(6, 7);

        assertThat(inFlight.inSendingOrder())
                .containsExactly(new InFlight.Run(1, 1, 7, 0, true), new InFlight.Run(8, 8, 3, 7, false));
    }

    @Tag("slow")
    @Test
    void runsComeToTheSameAsSingleMessages() {
        Random random = new Random(1);
        InFlight inFlight = new InFlight();
        TreeMap<Long, One> expected = new TreeMap<>();
        List<Long> order = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            long first = random.nextInt(200);
            int count = 1 + random.nextInt(12);
            switch (random.nextInt(3)) {
                case 0 -> {
                    int packetId = 1 + random.nextInt(1_000);
                    inFlight.send(first, packetId, count);
                    for (int j = 0; j < count; j++) {
                        expected.put(first + j, new One(packetId + j, false));
                        order.remove(first + j);
                        order.add(first + j);
                    }
                }
                case 1 -> {
                    inFlight.remove(first, first + count - 1);
                    for (int j = 0; j < count; j++) {
                        expected.remove(first + j);
                        order.remove(first + j);
                    }
                }
                default -> {
                    inFlight.release(first, first + count - 1);
                    for (int j = 0; j < count; j++) {
                        expected.computeIfPresent(first + j, (sequence, one) -> new One(one.packetId, true));
                    }
                }
            }
            compare(inFlight, expected, order);
        }
    }

    private static void compare(InFlight inFlight, TreeMap<Long, One> expected, List<Long> order) {
        assertThat(inFlight.size()).isEqualTo(expected.size());
        assertThat(inFlight.sequences().boxed().toList()).isEqualTo(List.copyOf(expected.keySet()));
        assertThat(inFlight.inSendingOrder().stream()
                        .flatMapToLong(run -> LongStream.rangeClosed(run.first(), run.last()))
                        .boxed()
                        .toList())
                .isEqualTo(order);
        for (long sequence = 0; sequence < 215; sequence++) {
            InFlight.Run run = inFlight.find(sequence);
            One one = run == null ? null : new One(run.packetId(sequence), run.released());
            assertThat(one).isEqualTo(expected.get(sequence));
        }
    }
}
