package io.hawser.mqtt;

import org.jspecify.annotations.Nullable;

/** An exception for a session store that cannot be used: another client has the session open, or the store failed. */
public final class StoreException extends MqttException {
    private static final long serialVersionUID = 1L;

    public StoreException(String message, @Nullable Throwable cause) {
        super(message, cause, Fault.LOCAL, true);
    }
}
