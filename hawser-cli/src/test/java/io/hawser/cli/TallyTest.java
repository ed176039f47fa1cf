package io.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TallyTest {
    private final Tally tally = new Tally(10);

    @Test
    void duplicatesAtQos1AndLossesAtQos0BreakNoPromise() {
        publishOneOfEach();
        tally.delivered(1, 0);
        tally.delivered(1, 0);
        tally.delivered(2, 0);

        assertThat(tally.promiseKept()).isTrue();
        assertThat(tally.breaches()).isEmpty();
        assertThat(tally.json())
                .isEqualTo("{\"published\":2,\"delivered\":2,\"duplicates\":0,\"lost\":0,\"byQos\":{"
                        + "\"0\":{\"published\":1,\"delivered\":0,\"duplicates\":0,\"lost\":1},"
                        + "\"1\":{\"published\":1,\"delivered\":1,\"duplicates\":1,\"lost\":0},"
                        + "\"2\":{\"published\":1,\"delivered\":1,\"duplicates\":0,\"lost\":0}}}");
    }

    @Test
    void aDuplicateAtQos2BreaksThePromise() {
        publishOneOfEach();
        tally.delivered(1, 0);
        tally.delivered(2, 0);
        tally.delivered(2, 0);

        assertThat(tally.complete()).isTrue();
        assertThat(tally.promiseKept()).isFalse();
        assertThat(tally.breaches()).contains("QoS 2, message 0: arrived 2 times");
    }

    @Test
    void aLossAtQos1BreaksThePromise() {
        publishOneOfEach();
        tally.delivered(0, 0);
        tally.delivered(2, 0);

        assertThat(tally.promiseKept()).isFalse();
        assertThat(tally.lost(1)).isEqualTo(1);
        assertThat(tally.breaches()).contains("QoS 1, message 0: arrived 0 times");
    }

    private void publishOneOfEach() {
        for (int qos = 0; qos < 3; qos++) {
            tally.published(qos, 0);
        }
    }
}
