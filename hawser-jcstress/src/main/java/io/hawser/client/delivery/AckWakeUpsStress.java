package io.hawser.client.delivery;

import io.hawser.mqtt.Qos;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** The worker is done with a message while the event loop answers an earlier wake-up: it has seen the message, or is woken again. */
@JCStressTest
@Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "Acknowledged.")
@State
public class AckWakeUpsStress {
    private int acknowledged;
    private final DeliveryList list = new DeliveryList();
    private final Stub context = new Stub() {
        @Override
        public void endTurn() {
            while (list.nextHandled() != null) {
                acknowledged++;
            }
        }
    };
    private final AckWakeUps wakeUps = new AckWakeUps(context, list);

    public AckWakeUpsStress() {
        list.offer(new Stub.Received(context, Qos.AT_LEAST_ONCE));
        wakeUps.hurry();
    }

    @Actor
    public void worker() {
        wakeUps.handled();
        wakeUps.tell();
    }

    @Actor
    public void eventLoop() {
        context.runTask();
    }

    @Arbiter
    public void after(I_Result result) {
        context.runTask();
        result.r1 = acknowledged;
    }
}
