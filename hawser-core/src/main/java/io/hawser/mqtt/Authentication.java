package io.hawser.mqtt;

import org.jspecify.annotations.Nullable;

/**
 * One exchange of enhanced authentication (MQTT 5.0, section 4.12), from the client's side: a method for each step. The
 * client and the broker speak in turn: {@link #begin}, any number of {@link #challenge}s, {@link #complete}.
 *
 * <p>Each object serves one exchange: a client asks for a new one before every attempt to connect and for every
 * re-authentication. Steps run one after the other, each on a thread that it may block, never on the client's event loop;
 * together they must be done within the connect timeout. An exception of any kind ends the connection, with the exception as
 * the cause of what the client reports; its message should hold no secrets.
 *
 * <p>Data are at most 65,535 bytes. Where the broker sends none, the array is empty.
 */
public interface Authentication {
    /** The name of the method that client and broker have agreed on, such as {@code SCRAM-SHA-256}; the same every time. */
    String method();

    /** What is said first, in CONNECT, or in the AUTH that begins a re-authentication; null if nothing. */
    byte @Nullable [] begin() throws Exception;

    /** The answer to an AUTH of the broker that asks for more [MQTT-4.12.0-3]; null if there are no data to send. */
    byte @Nullable [] challenge(byte[] data) throws Exception;

    /**
     * The broker accepts, and says this last, in CONNACK or in AUTH. Nothing else is said to the broker, and nothing taken
     * from it, before a successful return on a new connection.
     *
     * @throws Exception to refuse the broker, because it has not proved who it is
     */
    void complete(byte[] data) throws Exception;
}
