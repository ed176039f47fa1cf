package io.hawser.client.loop;

import io.hawser.client.delivery.Dispatcher;
import io.hawser.client.delivery.HandlerContext;
import io.hawser.client.delivery.InboundDelivery;
import io.hawser.mqtt.ConnectResult.Negotiated;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Message;
import io.hawser.session.PublishRequest;

/**
 * The part of a client that its event loop knows: the receiver of what happens. Called on the event loop, unless a
 * method says otherwise.
 */
public interface LoopListener {
    /** The client identifier, printable; on any thread. */
    String printableId();

    /** Makes the delivery of a received message for {@link Dispatcher the handlers}. */
    InboundDelivery delivery(HandlerContext context, Message message, int packetId, boolean duplicate);

    /**
     * Takes a message that is a reply at once, since a handler may be waiting for it. Returns the message's other
     * handlers.
     */
    Object[] takeReply(InboundDelivery delivery, Object[] handlers);

    /** Notes that the session takes a publish that was handed over. */
    void taken(PublishRequest publish);

    /** Notes what CONNACK granted. */
    void negotiated(Negotiated granted);

    /** Tells an event; also on the handlers' worker. */
    void event(ConnectionEvent event);

    /** Tells the outcome of a message with a key to the listener of outcomes, after which {@code heard} is run. */
    void concluded(PublishRequest request, Runnable heard);

    /** Notes that nothing of this client is left on the event loop. */
    void closed();
}
