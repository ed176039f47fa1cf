package io.hawser.client.transport;

import org.jspecify.annotations.Nullable;

/**
 * The material of a TLS connection, all of it PEM text.
 *
 * @param trustedCertificates whom to trust, or null for the platform's trust store
 * @param certificateChain this client's certificate and its issuers, or null to present none
 * @param privateKey the key of the certificate, PKCS#8; null if there is none
 * @param privateKeyPassword of an encrypted key, or null
 * @param verifyHostName whether the server's certificate must be for the host that was asked for
 */
public record TlsSettings(
        byte @Nullable [] trustedCertificates,
        byte @Nullable [] certificateChain,
        byte @Nullable [] privateKey,
        @Nullable String privateKeyPassword,
        boolean verifyHostName) {

    /**
     * Reads the material, so that a mistake in it shows before the first connection. May read the platform's trust store
     * from disk.
     *
     * @throws IllegalArgumentException saying which of the texts is wrong and how
     */
    public void validate() {
        TlsContexts.of(this);
    }

    /** Names no material: a key must not end up in a log. */
    @Override
    public String toString() {
        return "TlsSettings[" + (trustedCertificates == null ? "platform trust" : "given trust")
                + (certificateChain == null ? "" : ", client certificate") + (verifyHostName ? "" : ", any host name")
                + "]";
    }
}
