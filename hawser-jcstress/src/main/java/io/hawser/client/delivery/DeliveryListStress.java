package io.hawser.client.delivery;

import io.hawser.mqtt.Qos;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/**
 * The three cursors: while the worker handles, the event loop offers more, and acknowledges behind the worker. Each message is
 * handled once and in order, none is acknowledged before its handler has returned, and none waits for a worker that has ended.
 */
@JCStressTest
@Outcome(
        id = "4, 3, 0, 0",
        expect = Expect.ACCEPTABLE,
        desc = "All handled, all acknowledged, in order, after their handlers.")
@State
public class DeliveryListStress {
    private final Stub context = new Stub();
    private final DeliveryList list = new DeliveryList();
    private final InboundDelivery[] all = {
        new Stub.Received(context, Qos.AT_LEAST_ONCE),
        new Stub.Received(context, Qos.AT_MOST_ONCE),
        new Stub.Received(context, Qos.AT_LEAST_ONCE),
        new Stub.Received(context, Qos.EXACTLY_ONCE)
    };
    private boolean starts;
    private int handled;
    private int outOfOrder;
    private int acknowledged;
    private int early;

    public DeliveryListStress() {
        list.offer(all[0]);
        list.handOver();
    }

    @Actor
    public void eventLoop() {
        for (int i = 1; i < all.length; i++) {
            list.offer(all[i]);
            starts |= list.handOver();
            acknowledge();
        }
    }

    @Actor
    public void worker() {
        while (list.nextBatch()) {
            for (InboundDelivery next = list.peek(); next != null; next = list.peek()) {
                list.take(next);
                outOfOrder += next == all[handled] ? 0 : 1;
                handled++;
                next.returned();
                if (next.packetId() != 0) {
                    list.handled();
                }
            }
        }
    }

    private void acknowledge() {
        for (@Nullable InboundDelivery next = list.nextHandled(); next != null; next = list.nextHandled()) {
            acknowledged++;
            early += next.hasReturned() ? 0 : 1;
        }
    }

    @Arbiter
    public void after(IIII_Result result) {
        if (starts) {
            worker();
        }
        acknowledge();
        result.r1 = handled;
        result.r2 = acknowledged;
        result.r3 = outOfOrder;
        result.r4 = early;
    }
}
