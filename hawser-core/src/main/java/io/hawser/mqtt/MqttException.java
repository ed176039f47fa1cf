package io.hawser.mqtt;

import org.jspecify.annotations.Nullable;

/**
 * A failure between this client and a broker. The subclass says what failed, {@link #fault} on whose side, and
 * {@link #retryable} whether the same request can succeed later.
 *
 * <p>Wrong arguments are no {@code MqttException}: the method to which they are given throws an
 * {@link IllegalArgumentException}.
 */
public abstract sealed class MqttException extends RuntimeException
        permits BrokerDisconnectException,
                ClientClosedException,
                ConnectionException,
                MessageDroppedException,
                OperationInterruptedException,
                OperationTimeoutException,
                ProtocolException,
                RequestRejectedException,
                StoreException {
    private static final long serialVersionUID = 1L;

    /** The side on which a failure lies. */
    public enum Fault {
        /** The caller's fault: it asked for something impossible, or closed the client. */
        CALLER,
        /** The broker's fault: it refused, or broke the protocol. */
        BROKER,
        /** The network's fault, or nobody's in particular: the connection could not be made or was lost. */
        NETWORK,
        /** The fault of this client's resources: a bound that was set, or the session store. */
        LOCAL
    }

    private final Fault fault;
    private final boolean retryable;

    MqttException(String message, @Nullable Throwable cause, Fault fault, boolean retryable) {
        super(message, cause);
        this.fault = fault;
        this.retryable = retryable;
    }

    /** The side on which the failure lies. */
    public final Fault fault() {
        return fault;
    }

    /** Whether the same request may succeed later, by a client that is not closed. */
    public final boolean retryable() {
        return retryable;
    }
}
