package io.hawser.client.delivery;

import io.hawser.mqtt.ConnectionEvent;
import io.hawser.session.InboundMessage;

/**
 * What handlers and their deliveries know of their client's event loop: a mailbox, a timer, and whom they tell what has become of a
 * message. From any thread, unless it says otherwise.
 */
public interface HandlerContext {
    boolean inEventLoop();

    /** Runs the task on the event loop. */
    void execute(Runnable task);

    /** Runs the task on the event loop after the delay; the returned call cancels it. */
    Runnable schedule(Runnable task, long delayNanos);

    /** On the event loop: acknowledges what handlers have returned from, and lets it leave. */
    void endTurn();

    /** Handlers have caught up: reading from the network goes on. */
    void resumeReading();

    /** Calls {@link Dispatcher#confirmed} when it is safe that what was handled before this call was handled. */
    void confirm();

    void acknowledge(InboundMessage message);

    /** The program gives the message up. */
    void refuse(InboundMessage message);

    /** The handlers have failed on the message for good. */
    void fail(InboundMessage message);

    /** The program will acknowledge the message later. */
    void defer(InboundMessage message);

    void event(ConnectionEvent event);
}
