package io.hawser.client;

import io.hawser.client.delivery.HandlerContext;
import io.hawser.client.delivery.InboundDelivery;
import io.hawser.mqtt.Message;

/** A received message as the program sees it: an {@link InboundDelivery} behind the public {@link Delivery}. */
final class ReceivedDelivery extends InboundDelivery implements Delivery {
    ReceivedDelivery(HandlerContext context, Message message, int packetId, boolean duplicate) {
        super(context, message, packetId, duplicate);
    }

    @Override
    protected void handle(Object handler) throws Exception {
        ((MessageHandler) handler).handle(this);
    }

    @Override
    public Delivery defer() {
        handOver();
        return this;
    }
}
