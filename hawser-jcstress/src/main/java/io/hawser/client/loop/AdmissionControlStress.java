package io.hawser.client.loop;

import io.hawser.mqtt.QueuePolicy;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Two callers, and room for one message: one of them gets it, and the account is right afterwards. */
@JCStressTest
@Outcome(id = "1, 0, 1", expect = Expect.ACCEPTABLE, desc = "The first has the room.")
@Outcome(id = "0, 1, 1", expect = Expect.ACCEPTABLE, desc = "The second has the room.")
@State
public class AdmissionControlStress {
    private final AdmissionControl admission = new AdmissionControl(QueuePolicy.bounded(1));

    @Actor
    public void caller(III_Result result) {
        result.r1 = admission.admit(100) ? 1 : 0;
    }

    @Actor
    public void otherCaller(III_Result result) {
        result.r2 = admission.admit(100) ? 1 : 0;
    }

    @Arbiter
    public void after(III_Result result) {
        result.r3 = (int) admission.messages();
    }
}
