package io.hawser.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EchoesTest {
    private static final long SECOND = 1_000_000_000L;
    private final Echoes echoes = new Echoes();

    private static Fingerprint content(long number) {
        return new Fingerprint(0, number, number);
    }

    @Test
    void eachMessageIsExpectedOnce() {
        echoes.expect(content(1), 0);
        echoes.expect(content(1), 1);

        assertThat(echoes.take(content(2), 2)).isFalse();
        assertThat(echoes.take(content(1), 2)).isTrue();
        assertThat(echoes.take(content(1), 3)).isTrue();
        assertThat(echoes.take(content(1), 4)).isFalse();
    }

    @Test
    void whatHasNotComeWithinAMinuteIsExpectedNoMore() {
        echoes.expect(content(1), 0);
        echoes.expect(content(1), 50 * SECOND);

        assertThat(echoes.take(content(1), 61 * SECOND)).isTrue();
        assertThat(echoes.take(content(1), 61 * SECOND)).isFalse();
    }

    @Test
    void whatHasComeTakesNoOthersPlaceWhenItsTimeIsOver() {
        for (long second = 0; second < 200; second++) {
            echoes.expect(content(1), second * SECOND);
            assertThat(echoes.take(content(1), second * SECOND + 1)).isTrue();
        }
    }

    @Test
    void tooManyPushTheOldestOut() {
        for (int i = 0; i < 20_001; i++) {
            echoes.expect(content(i), 0);
        }
        assertThat(echoes.take(content(0), 1)).isFalse();
        assertThat(echoes.take(content(20_000), 1)).isTrue();
    }
}
