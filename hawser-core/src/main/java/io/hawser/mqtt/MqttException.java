package io.hawser.mqtt;

import org.jspecify.annotations.Nullable;

/**
 * Something between this client and a broker went wrong. The kinds below say what; {@link #fault} says whose side it was
 * on, and {@link #retryable} whether trying the same again can help.
 *
 * <p>Wrong arguments are no {@code MqttException}: they are an {@link IllegalArgumentException} where they are given.
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

    /** Whose fault it was. */
    public enum Fault {
        /** The caller's: it asked for something that cannot be, or closed the client. */
        CALLER,
        /** The broker's: it refused, or broke the protocol. */
        BROKER,
        /** The network's, or nobody's in particular: the connection could not be made or was lost. */
        NETWORK,
        /** This client's resources: a bound that was set, or the session store. */
        LOCAL
    }

    private final Fault fault;
    private final boolean retryable;

    MqttException(String message, @Nullable Throwable cause, Fault fault, boolean retryable) {
        super(message, cause);
        this.fault = fault;
        this.retryable = retryable;
    }

    /** Whose fault it was. */
    public final Fault fault() {
        return fault;
    }

    /** Whether the same request may succeed later, by a client that is not closed. */
    public final boolean retryable() {
        return retryable;
    }
}
