package io.hawser.client.delivery;

/**
 * A receiver that takes deliveries from the dispatcher instead of handling them, and says when each is done
 * ({@link Dispatcher#done}).
 */
public abstract class DeliverySink {
    /** Takes a delivery; on the dispatcher's worker. */
    protected abstract void offer(InboundDelivery delivery);
}
