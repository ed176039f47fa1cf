package io.hawser.client;

import io.hawser.client.transport.TlsSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How TLS is to be done for {@code mqtts} servers: whom to trust, and how to identify this client. By default the
 * platform's authorities are trusted, no certificate is presented, and the server's certificate must be for the host name.
 *
 * <p>Immutable. Files are PEM, read when they are given.
 */
public final class Tls {
    private static final Tls PLATFORM = new Tls(new TlsSettings(null, null, null, null, true));

    private final TlsSettings settings;

    private Tls(TlsSettings settings) {
        this.settings = settings;
    }

    /** Trusts the authorities that the Java platform trusts. */
    public static Tls platform() {
        return PLATFORM;
    }

    /** Trusts the certificates in this PEM file and no others. */
    public static Tls trusting(Path certificates) {
        return new Tls(new TlsSettings(read(certificates), null, null, null, true));
    }

    /** This with a certificate (and its issuers, if any) and its unencrypted PKCS#8 key, both PEM files. */
    public Tls identifiedBy(Path certificateChain, Path privateKey) {
        return identified(certificateChain, privateKey, null);
    }

    /** This with a certificate (and its issuers, if any) and its encrypted PKCS#8 key, both PEM files. */
    public Tls identifiedBy(Path certificateChain, Path privateKey, String password) {
        return identified(certificateChain, privateKey, password);
    }

    /** This without checking that the server's certificate is for the host name: for tests, not for production. */
    public Tls withoutHostNameVerification() {
        return new Tls(new TlsSettings(
                settings.trustedCertificates(),
                settings.certificateChain(),
                settings.privateKey(),
                settings.privateKeyPassword(),
                false));
    }

    /** Throws an {@link IllegalArgumentException} if the material cannot be used. */
    void validate() {
        settings.validate();
    }

    TlsSettings settings() {
        return settings;
    }

    private Tls identified(Path certificateChain, Path privateKey, @Nullable String password) {
        return new Tls(new TlsSettings(
                settings.trustedCertificates(),
                read(certificateChain),
                read(privateKey),
                password,
                settings.verifyHostName()));
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException("TLS file " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public String toString() {
        return settings.toString();
    }
}
