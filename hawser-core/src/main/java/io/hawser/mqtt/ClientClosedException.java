package io.hawser.mqtt;

import org.jspecify.annotations.Nullable;

/**
 * The client was closed, by the program or because it could not go on, before the request was answered. Messages at QoS 1
 * and 2 that a kept session holds stay there for the next client with this client identifier.
 */
public final class ClientClosedException extends MqttException {
    private static final long serialVersionUID = 1L;

    /** @param cause why the client closed itself, whose fault and retryability count; null if the caller closed it */
    public ClientClosedException(String message, @Nullable Throwable cause) {
        super(
                message,
                cause,
                cause instanceof MqttException known ? known.fault() : Fault.CALLER,
                cause instanceof MqttException known && known.retryable());
    }
}
