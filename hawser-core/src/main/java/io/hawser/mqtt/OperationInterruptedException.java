package io.hawser.mqtt;

/**
 * The thread was interrupted while a blocking call waited; its interrupt flag is set again. Only the waiting ended: what was
 * accepted goes on, and a message in the queue will still be delivered.
 */
public final class OperationInterruptedException extends MqttException {
    private static final long serialVersionUID = 1L;

    public OperationInterruptedException(String message, InterruptedException cause) {
        super(message, cause, Fault.CALLER, true);
    }
}
