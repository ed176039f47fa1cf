package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PacketIdsTest {
    @ParameterizedTest
    @ValueSource(ints = {3, 300, 65_535})
    void isAMapFromIdentifierToUser(int range) {
        SplittableRandom random = new SplittableRandom(range);
        PacketIds<Integer> ids = new PacketIds<>();
        Map<Integer, Integer> model = new HashMap<>();
        for (int step = 0; step < 100_000; step++) {
            int id = PacketIds.MAXIMUM - random.nextInt(range);
            boolean filling = step / 10_000 % 2 == 0;
            if (random.nextInt(10) < (filling ? 7 : 3)) {
                Integer user = step;
                ids.put(id, user);
                model.put(id, user);
            } else {
                assertSame(model.remove(id), ids.remove(id));
            }
            int other = PacketIds.MAXIMUM - random.nextInt(range);
            assertSame(model.get(other), ids.get(other));
            assertEquals(model.size(), ids.size());
        }
        assertThat(ids.users().stream().sorted()).containsExactlyElementsOf(new TreeSet<>(model.values()));
        ids.clear();
        assertThat(ids.size()).isZero();
        assertThat(ids.users()).isEmpty();
    }

    @Test
    void handsOutEveryIdentifierOnceAndThenNone() {
        PacketIds<String> ids = new PacketIds<>();
        for (int expected = 1; expected <= PacketIds.MAXIMUM; expected++) {
            int id = ids.next();
            assertEquals(expected, id);
            ids.put(id, "user");
        }
        assertThat(ids.exhausted()).isTrue();
        assertThatIllegalStateException().isThrownBy(ids::next).withMessage("all 65535 packet identifiers are in use");

        ids.remove(777);
        assertThat(ids.next()).isEqualTo(777);
    }

    @Test
    void isTakenOnlyFromTheUserThatIsMeant() {
        PacketIds<String> ids = new PacketIds<>();
        ids.add(5, "user");

        assertThat(ids.remove(5, "another")).isFalse();
        assertThat(ids.remove(6, "user")).isFalse();
        assertThat(ids.get(5)).isEqualTo("user");
        assertThat(ids.remove(5, "user")).isTrue();
        assertThat(ids.get(5)).isNull();
        assertThat(ids.size()).isZero();
    }

    @Test
    void handsOutWhatHasItsPlaceTakenByAnother() {
        PacketIds<String> ids = new PacketIds<>();
        ids.put(5, "slow");
        for (int expected = 6; expected <= 1000; expected++) {
            ids.continueAfter(expected - 1);
            int id = ids.next();
            assertThat(id).isEqualTo(expected);
            ids.put(id, "user");
            assertThat(ids.get(5)).isEqualTo("slow");
            assertThat(ids.remove(id)).isEqualTo("user");
            assertThat(ids.get(id)).isNull();
        }
        assertThat(ids.remove(5)).isEqualTo("slow");
    }

    @Test
    void findsWhatWasPushedOnByAnother() {
        PacketIds<String> ids = new PacketIds<>();
        ids.put(1, "first");
        ids.put(17, "in the place of the next");
        ids.put(2, "pushed on");

        assertThat(ids.remove(1)).isEqualTo("first");
        assertThat(ids.get(17)).isEqualTo("in the place of the next");
        assertThat(ids.get(2)).isEqualTo("pushed on");
        assertThat(ids.remove(17)).isEqualTo("in the place of the next");
        assertThat(ids.remove(2)).isEqualTo("pushed on");
        assertThat(ids.get(1)).isNull();
    }

    @Test
    void goesOnBehindWhatWasHandedOutBefore() {
        PacketIds<String> ids = new PacketIds<>();
        ids.put(1, "user");
        ids.continueAfter(PacketIds.MAXIMUM);

        assertThat(ids.next()).isEqualTo(2);
    }
}
