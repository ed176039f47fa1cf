package io.hawser.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionStateTest {
    private final SessionState state = new SessionState();

    private void accepted(long number, long sequence) {
        state.open(number).accepted(sequence, 1);
    }

    private void settled(long sequence) {
        ByteBuffer entries = ByteBuffer.allocate(EntryWriter.NUMBERS);
        EntryWriter.run(entries, EntryWriter.SETTLED, sequence, 1);
        state.apply(entries.flip());
    }

    /** As a segment that held nothing but entries of received messages, until the one behind it is safe. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void findsMessagesBesideASegmentWithoutAny(int place) {
        for (int i = 0; i < 5; i++) {
            if (i == place) {
                state.open(i + 1);
            } else {
                accepted(i + 1, 10 * i);
            }
        }
        for (int i = 0; i < 5; i++) {
            settled(10L * i);
        }

        assertThat(state.live()).isZero();
    }
}
