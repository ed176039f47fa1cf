package io.hawser.mqtt;

import org.jspecify.annotations.Nullable;

/**
 * An exception for a network connection that could not be made, did not answer in time, or was lost. The client
 * connects again by itself.
 */
public final class ConnectionException extends MqttException {
    private static final long serialVersionUID = 1L;

    public ConnectionException(String message) {
        this(message, null);
    }

    public ConnectionException(String message, @Nullable Throwable cause) {
        super(message, cause, Fault.NETWORK, true);
    }
}
