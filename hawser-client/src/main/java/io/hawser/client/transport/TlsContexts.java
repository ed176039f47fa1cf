package io.hawser.client.transport;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What TLS needs, made of the settings. Making it takes milliseconds, or much more with the platform's trust store, and
 * tens to hundreds of kilobytes, so the clients of equal settings share it, and with it the resumption of TLS sessions.
 * The least recently used ones are forgotten.
 */
final class TlsContexts {
    private static final int KEPT = 8;

    private static final Map<Key, SslContext> CONTEXTS = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, SslContext> eldest) {
            return size() > KEPT;
        }
    };

    private TlsContexts() {}

    /**
     * May block.
     *
     * @throws IllegalArgumentException if the settings are not usable, saying which and why
     */
    static SslContext of(TlsSettings settings) {
        Key key = new Key(settings);
        synchronized (CONTEXTS) {
            SslContext context = CONTEXTS.get(key);
            if (context == null) {
                context = make(settings);
                CONTEXTS.put(key, context);
            }
            return context;
        }
    }

    private static SslContext make(TlsSettings settings) {
        SslContextBuilder builder = SslContextBuilder.forClient()
                .sslProvider(SslProvider.JDK)
                .protocols("TLSv1.3", "TLSv1.2")
                .endpointIdentificationAlgorithm(settings.verifyHostName() ? "HTTPS" : null);
        try {
            byte[] trusted = settings.trustedCertificates();
            builder.trustManager(
                    ServerTrust.in(trusted == null ? null : store(Pem.certificates("trusted certificates", trusted))));
            identify(settings, builder);
            return builder.build();
        } catch (GeneralSecurityException | SSLException e) {
            throw new IllegalArgumentException("TLS settings: " + e.getMessage(), e);
        }
    }

    private static KeyStore store(List<X509Certificate> certificates) throws GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        try {
            store.load(null, null);
        } catch (IOException e) {
            throw new AssertionError("an empty store reads nothing", e);
        }
        for (int i = 0; i < certificates.size(); i++) {
            store.setCertificateEntry(Integer.toString(i), certificates.get(i));
        }
        return store;
    }

    private static void identify(TlsSettings settings, SslContextBuilder builder) throws GeneralSecurityException {
        byte[] chainPem = settings.certificateChain();
        byte[] keyPem = settings.privateKey();
        if (chainPem == null && keyPem == null) {
            return;
        }
        if (chainPem == null || keyPem == null) {
            throw new IllegalArgumentException(
                    chainPem == null
                            ? "private key: given without the client certificate that it belongs to"
                            : "client certificate: given without its private key");
        }
        List<X509Certificate> chain = Pem.certificates("client certificate", chainPem);
        PrivateKey key = Pem.privateKey(keyPem, settings.privateKeyPassword());
        if (!belongs(key, chain.get(0).getPublicKey())) {
            throw new IllegalArgumentException("private key: does not belong to the client certificate of "
                    + chain.get(0).getSubjectX500Principal());
        }
        builder.keyManager(key, chain.toArray(new X509Certificate[0]));
    }

    private static boolean belongs(PrivateKey key, PublicKey certified) throws GeneralSecurityException {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
        byte[] probe = {1, 2, 3};
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(key);
        signature.update(probe);
        byte[] signed = signature.sign();
        try {
            signature.initVerify(certified);
            signature.update(probe);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** Settings by their content: a supplier may hand out equal material in new arrays for each attempt. */
    private record Key(TlsSettings settings) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key that
                    && settings.verifyHostName() == that.settings.verifyHostName()
                    && Arrays.equals(settings.trustedCertificates(), that.settings.trustedCertificates())
                    && Arrays.equals(settings.certificateChain(), that.settings.certificateChain())
                    && Arrays.equals(settings.privateKey(), that.settings.privateKey())
                    && Objects.equals(settings.privateKeyPassword(), that.settings.privateKeyPassword());
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(settings.trustedCertificates()) + Arrays.hashCode(settings.certificateChain());
        }
    }
}
