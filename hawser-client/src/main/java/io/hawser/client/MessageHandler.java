package io.hawser.client;

/** Handles the messages of a subscription, one after the other per client, on the handler executor. */
@FunctionalInterface
public interface MessageHandler {
    /**
     * Handles one message. Returning acknowledges it, unless the handler has called {@link Delivery#defer} or
     * {@link Delivery#reject}. Throwing does not: the client's {@link FailurePolicy} decides, and the connection stays up.
     * The handler may block, and may call the client, blocking forms included.
     */
    void handle(Delivery delivery) throws Exception;
}
