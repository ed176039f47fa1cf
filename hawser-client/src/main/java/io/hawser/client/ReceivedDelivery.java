package io.hawser.client;

import io.hawser.client.delivery.HandlerContext;
import io.hawser.client.delivery.InboundDelivery;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.UserProperty;
import io.hawser.session.Rejection;
import java.util.List;
import java.util.Objects;

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
    public void reject(ReasonCode reasonCode, String reason, List<UserProperty> userProperties) {
        reject(Rejection.of(
                Objects.requireNonNull(reasonCode, "reason code"),
                Objects.requireNonNull(reason, "reason"),
                Objects.requireNonNull(userProperties, "user properties")));
    }

    @Override
    public Delivery defer() {
        handOver();
        return this;
    }
}
