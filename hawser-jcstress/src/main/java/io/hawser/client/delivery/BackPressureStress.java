package io.hawser.client.delivery;

import io.hawser.mqtt.Qos;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The worker is done with the last message while the event loop pauses reading: whoever comes second has reading go on. */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "Reading has not paused.")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Reading has paused, and goes on.")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "Reading is told once more to go on.")
@State
public class BackPressureStress {
    private final BackPressure backPressure = new BackPressure(1, 1_000_000, false);
    private final DeliveryList list = new DeliveryList();
    private final InboundDelivery message = new Stub.Received(new Stub(), Qos.AT_MOST_ONCE);
    private int paused;
    private int resumed;

    public BackPressureStress() {
        backPressure.offer(message);
    }

    @Actor
    public void eventLoop() {
        paused = backPressure.pausesReading() ? 1 : 0;
    }

    @Actor
    public void worker() {
        backPressure.handled(message);
        resume();
        // The worker looks again when it ends, for counting is no barrier: here is one.
        list.nextBatch();
        resume();
    }

    private void resume() {
        if (backPressure.resumesReading()) {
            resumed = 1;
        }
    }

    @Arbiter
    public void after(II_Result result) {
        result.r1 = paused;
        result.r2 = resumed;
    }
}
