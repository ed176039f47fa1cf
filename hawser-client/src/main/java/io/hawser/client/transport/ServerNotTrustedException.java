package io.hawser.client.transport;

import java.security.cert.CertificateException;
import org.jspecify.annotations.Nullable;

/** The server's certificate was refused; the message says in words why. */
final class ServerNotTrustedException extends CertificateException {
    private static final long serialVersionUID = 1L;

    ServerNotTrustedException(String message, @Nullable CertificateException cause) {
        super(message, cause);
    }
}
