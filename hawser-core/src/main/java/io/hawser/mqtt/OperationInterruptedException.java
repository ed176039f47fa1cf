package io.hawser.mqtt;

/**
 * An exception for a thread that was interrupted while a blocking form waited; its interrupt flag is set again. Only
 * the wait has ended: an accepted request goes on, and an accepted message will still be sent.
 */
public final class OperationInterruptedException extends MqttException {
    private static final long serialVersionUID = 1L;

    public OperationInterruptedException(String message, InterruptedException cause) {
        super(message, cause, Fault.CALLER, true);
    }
}
