package io.hawser.mqtt;

import org.jspecify.annotations.Nullable;

/**
 * An exception for a blocking form that waited as long as it may, or for a reply that did not come in time. Only the
 * wait has ended: an accepted request goes on, and an accepted message will still be sent.
 */
public final class OperationTimeoutException extends MqttException {
    private static final long serialVersionUID = 1L;

    public OperationTimeoutException(String message, @Nullable Throwable cause) {
        super(message, cause, Fault.NETWORK, true);
    }
}
