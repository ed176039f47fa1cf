package io.hawser.client;

/** A handler of a subscription's messages. A client calls its handlers one at a time, on the handler executor. */
@FunctionalInterface
public interface MessageHandler {
    /**
     * Handles one message. When the handler returns, the message is acknowledged, unless the handler has called
     * {@link Delivery#defer} or {@link Delivery#reject}. When the handler throws, the client's {@link FailurePolicy}
     * decides, and the connection stays up. The handler may block, and may call the client, blocking forms included.
     */
    void handle(Delivery delivery) throws Exception;
}
