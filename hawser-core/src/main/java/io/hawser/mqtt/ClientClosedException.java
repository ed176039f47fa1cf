package io.hawser.mqtt;

import org.jspecify.annotations.Nullable;

/**
 * The client was closed, by the program or because it could not go on, before the request was answered. Messages at QoS 1
 * and 2 that a kept session holds stay there for the next client with this client identifier.
 */
public final class ClientClosedException extends MqttException {
    private static final long serialVersionUID = 1L;

    public ClientClosedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** That of the cause; the caller's if it closed the client itself. */
    @Override
    public Fault fault() {
        return getCause() instanceof MqttException cause ? cause.fault() : Fault.CALLER;
    }

    /** Whether the same may succeed later with another client: that of the cause; never if the caller closed the client. */
    @Override
    public boolean retryable() {
        return getCause() instanceof MqttException cause && cause.retryable();
    }
}
