package io.hawser.client.loop;

import io.hawser.mqtt.QueuePolicy;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * The bound on messages that callers have handed over and the event loop has not taken yet: as much again as the queue
 * may have. One atomic addition for each message: a long has the count in its upper bits, and the bytes, in units, in
 * its lower bits.
 */
public final class AdmissionControl {
    /** Payload bytes in one unit. */
    private static final int UNIT = 16;

    private static final int COUNT_SHIFT = 36;
    private static final long UNITS_MASK = (1L << COUNT_SHIFT) - 1;

    private static final AtomicLongFieldUpdater<AdmissionControl> HANDED_OVER =
            AtomicLongFieldUpdater.newUpdater(AdmissionControl.class, "handedOver");

    private final QueuePolicy policy;
    private volatile long handedOver;
    private volatile long rejected;

    public AdmissionControl(QueuePolicy policy) {
        this.policy = policy;
    }

    /**
     * Whether a message of this size may be handed over. A message that is larger than the bound may when it is alone.
     */
    public boolean admit(int size) {
        long cost = cost(size);
        long now = HANDED_OVER.addAndGet(this, cost);
        if (now >>> COUNT_SHIFT <= policy.messages() && (now & UNITS_MASK) <= policy.bytes() / UNIT + 1
                || now == cost) {
            return true;
        }
        HANDED_OVER.addAndGet(this, -cost);
        reject();
        return false;
    }

    private synchronized void reject() {
        rejected++;
    }

    /** Notes that the event loop has taken a message. */
    public void taken(int size) {
        HANDED_OVER.addAndGet(this, -cost(size));
    }

    private static long cost(int size) {
        return (1L << COUNT_SHIFT) + size / UNIT + 1;
    }

    public long messages() {
        return handedOver >>> COUNT_SHIFT;
    }

    public long rejected() {
        return rejected;
    }
}
