package io.hawser.client;

/** What takes deliveries from the lane instead of handling them, and says when each is done ({@link HandlerLane#done}). */
abstract class DeliverySink {
    /** Takes a delivery; on the lane's worker. */
    abstract void offer(InboundDelivery delivery);
}
