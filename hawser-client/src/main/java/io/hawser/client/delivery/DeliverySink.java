package io.hawser.client.delivery;

/** What takes deliveries from the lane instead of handling them, and says when each is done ({@link HandlerLane#done}). */
public abstract class DeliverySink {
    /** Takes a delivery; on the lane's worker. */
    protected abstract void offer(InboundDelivery delivery);
}
