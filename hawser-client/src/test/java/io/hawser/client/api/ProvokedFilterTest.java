package io.hawser.client.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.hawser.mqtt.TopicName;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProvokedFilterTest {
    @Test
    void aThrowableOfATestIsProvokedWhateverWrapsIt() {
        Throwable own = new StackOverflowError();
        assertThat(ProvokedFilter.isProvoked(own)).isTrue();
        Throwable wrapped = catchThrowable(() -> {
            try {
                throw new IllegalStateException("of a test");
            } catch (IllegalStateException e) {
                throw new RuntimeException(e);
            }
        });
        assertThat(ProvokedFilter.isProvoked(wrapped)).isTrue();
    }

    @Test
    void aThrowableOfTheLibraryOrTheJdkIsNotThoughATestCalled() {
        assertThat(ProvokedFilter.isProvoked(catchThrowable(() -> TopicName.of(""))))
                .isFalse();
        assertThat(ProvokedFilter.isProvoked(
                        catchThrowable(() -> List.of().iterator().next())))
                .isFalse();
    }
}
