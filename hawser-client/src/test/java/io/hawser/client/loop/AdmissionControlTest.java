package io.hawser.client.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.QueuePolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AdmissionControlTest {
    private static AdmissionControl of(int messages, long bytes) {
        return new AdmissionControl(new QueuePolicy(messages, bytes, false, null));
    }

    @Test
    void admitsAsManyMessagesAsTheQueueHolds() {
        AdmissionControl admission = of(2, 1 << 20);
        assertThat(admission.admit(10)).isTrue();
        assertThat(admission.admit(10)).isTrue();
        assertThat(admission.admit(10)).isFalse();
        assertThat(admission.messages()).isEqualTo(2);
        assertThat(admission.rejected()).isEqualTo(1);

        admission.taken(10);

        assertThat(admission.admit(10)).isTrue();
    }

    @Test
    void admitsAsManyBytesAsTheQueueHolds() {
        AdmissionControl admission = of(1000, 1024);
        assertThat(admission.admit(1000)).isTrue();
        assertThat(admission.admit(1000)).isFalse();
        assertThat(admission.messages()).isEqualTo(1);
    }

    @Test
    void admitsAMessageBeyondTheBoundWhenItIsAlone() {
        AdmissionControl admission = of(1, 1);
        assertThat(admission.admit(268_435_455)).isTrue();
        assertThat(admission.admit(1)).isFalse();
        admission.taken(268_435_455);
        assertThat(admission.messages()).isZero();
        assertThat(admission.admit(1)).isTrue();
    }

    @Test
    void countsLargestPoliciesWithoutOverflow() {
        AdmissionControl admission = of(QueuePolicy.MAXIMUM_MESSAGES, QueuePolicy.MAXIMUM_BYTES);
        for (int i = 0; i < 1023; i++) {
            assertThat(admission.admit(268_435_455)).isTrue();
        }
        assertThat(admission.messages()).isEqualTo(1023);
        for (int i = 0; i < 1023; i++) {
            admission.taken(268_435_455);
        }
        assertThat(admission.messages()).isZero();
    }

    @Test
    void boundHoldsBetweenThreads() throws Exception {
        int bound = 100;
        AdmissionControl admission = of(bound, 1 << 20);
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> done = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                done.add(threads.submit(() -> {
                    for (int i = 0; i < 100_000; i++) {
                        if (admission.admit(i % 100)) {
                            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                            inside.decrementAndGet();
                            admission.taken(i % 100);
                        }
                    }
                }));
            }
            for (Future<?> future : done) {
                future.get(30, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(most.get()).isBetween(1, bound);
        assertThat(admission.messages()).isZero();
    }
}
