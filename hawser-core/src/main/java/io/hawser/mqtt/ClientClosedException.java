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

    @Override
    public Fault fault() {
        return Fault.CALLER;
    }

    @Override
    public boolean retryable() {
        return false;
    }
}
