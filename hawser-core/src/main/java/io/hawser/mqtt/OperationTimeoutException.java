package io.hawser.mqtt;

import org.jspecify.annotations.Nullable;

/**
 * A blocking call waited as long as it may, or the reply to a request did not come in time. Only the waiting ended: what was
 * accepted goes on, and a message in the queue will still be delivered.
 */
public final class OperationTimeoutException extends MqttException {
    private static final long serialVersionUID = 1L;

    public OperationTimeoutException(String message, @Nullable Throwable cause) {
        super(message, cause, Fault.NETWORK, true);
    }
}
