package io.hawser.mqtt;

import org.jspecify.annotations.Nullable;

/**
 * The client's side of one exchange of enhanced authentication (MQTT 5.0, section 4.12): a method for each step. Client
 * and broker speak in turn: {@link #begin}, any number of {@link #challenge}s, {@link #complete}.
 *
 * <p>Each object serves one exchange: a client asks for a new object before every attempt to connect and for every
 * re-authentication. The client calls one step after the other, each on a thread that the step may block, never on its
 * event loop; all steps together must be done within the connect timeout. An exception of any kind ends the connection,
 * and becomes the cause of the failure that the client reports; its message should hold no secrets.
 *
 * <p>Data have at most 65,535 bytes. If the broker sends none, the array is empty.
 */
public interface Authentication {
    /** The name of the authentication method, such as {@code SCRAM-SHA-256}; the same every time. */
    String method();

    /** The data of CONNECT, or of the AUTH that begins a re-authentication; null for none. */
    byte @Nullable [] begin() throws Exception;

    /** The data that answer an AUTH with which the broker asks for more [MQTT-4.12.0-3]; null for none. */
    byte @Nullable [] challenge(byte[] data) throws Exception;

    /**
     * Checks the last data of a broker that accepts, in CONNACK or in AUTH. On a new connection, nothing else is sent
     * to the broker, and nothing is taken from it, before this method has returned.
     *
     * @throws Exception to reject the broker, because it has not proved who it is
     */
    void complete(byte[] data) throws Exception;
}
