package io.hawser.client.delivery;

import io.hawser.mqtt.ConnectionEvent;
import io.hawser.session.InboundMessage;
import io.hawser.session.Rejection;

/**
 * The part of a client's event loop that handlers and deliveries know: a mailbox, a timer, and the receiver of
 * acknowledgements and events. From any thread, unless a method says otherwise.
 */
public interface HandlerContext {
    boolean inEventLoop();

    /** Runs the task on the event loop. */
    void execute(Runnable task);

    /** Runs the task on the event loop after the delay; the returned call cancels it. */
    Runnable schedule(Runnable task, long delayNanos);

    /** Acknowledges the messages whose handlers have returned, and sends the acknowledgements; on the event loop. */
    void endTurn();

    /** Resumes reading from the network, because handlers have caught up. */
    void resumeReading();

    /** Calls {@link Dispatcher#confirmed} when the log entries of all messages handled before this call are safe. */
    void confirm();

    void acknowledge(InboundMessage message);

    /** Rejects the message, as the program asked. */
    void refuse(InboundMessage message, Rejection rejection);

    /** Gives the message up, because the handlers have failed on it for good. */
    void fail(InboundMessage message);

    /** Notes that the program will acknowledge the message later. */
    void defer(InboundMessage message);

    void event(ConnectionEvent event);
}
