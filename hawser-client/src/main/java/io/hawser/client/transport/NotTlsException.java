package io.hawser.client.transport;

import javax.net.ssl.SSLException;

/** What the peer has sent first is no record of a TLS handshake. */
final class NotTlsException extends SSLException {
    private static final long serialVersionUID = 1L;

    NotTlsException() {
        super("what answers there does not speak TLS");
    }
}
