package io.hawser.client.loop;

import io.hawser.client.delivery.Dispatcher;
import io.hawser.client.delivery.HandlerContext;
import io.hawser.client.delivery.InboundDelivery;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.Negotiated;
import io.hawser.session.PublishRequest;

/** What a client's event loop knows of the client: whom it tells. On the event loop, unless it says otherwise. */
public interface LoopListener {
    /** The client identifier, fit for a log; on any thread. */
    String printableId();

    /** A message that has come, for {@link Dispatcher the handlers}. */
    InboundDelivery delivery(HandlerContext context, Message message, int packetId, boolean duplicate);

    /** Takes a message that is a reply, at once: a handler may be waiting for it. Returns the handlers that are left for it. */
    Object[] takeReply(InboundDelivery delivery, Object[] handlers);

    /** The session takes a publish that was handed over. */
    void taken(PublishRequest publish);

    /** CONNACK has come. */
    void negotiated(Negotiated granted);

    /** An event; also on the handlers' worker. */
    void event(ConnectionEvent event);

    /** The outcome of a message with a key is known; who listens may hear of it, and then {@code heard} is run. */
    void concluded(PublishRequest request, Runnable heard);

    /** Nothing of this client is left on the event loop. */
    void closed();
}
