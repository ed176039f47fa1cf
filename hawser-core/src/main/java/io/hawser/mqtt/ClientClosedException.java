package io.hawser.mqtt;

import org.jspecify.annotations.Nullable;

/**
 * An exception for a request that had no answer when its client was closed, by the program or because the client could
 * not go on. QoS 1 and 2 messages of a kept session stay in its store for the next client with this client identifier.
 */
public final class ClientClosedException extends MqttException {
    private static final long serialVersionUID = 1L;

    /** @param cause why the client closed itself, which decides on the fault; null if the caller closed it */
    public ClientClosedException(String message, @Nullable Throwable cause) {
        super(
                message,
                cause,
                cause instanceof MqttException known ? known.fault() : Fault.CALLER,
                cause instanceof MqttException known && known.retryable());
    }
}
