package io.hawser.client.transport;

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
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * What TLS needs, made of the settings. Making it takes milliseconds, or much more with the platform's trust store, and
 * tens to hundreds of kilobytes, so the clients of equal settings share it, and with it the resumption of TLS sessions.
 * The least recently used ones are forgotten.
 */
final class TlsContexts {
    private static final int KEPT = 8;
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};
    /** The store of a key lives in memory, and is written nowhere. */
    private static final char[] NO_PASSWORD = {};

    private static final Map<Key, SSLContext> CONTEXTS = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, SSLContext> eldest) {
            return size() > KEPT;
        }
    };

    private TlsContexts() {}

    /**
     * May block.
     *
     * @throws IllegalArgumentException if the settings are not usable, saying which and why
     */
    static SSLContext of(TlsSettings settings) {
        Key key = new Key(settings);
        synchronized (CONTEXTS) {
            SSLContext context = CONTEXTS.get(key);
            if (context == null) {
                context = make(settings);
                CONTEXTS.put(key, context);
            }
            return context;
        }
    }

    private static SSLContext make(TlsSettings settings) {
        try {
            byte[] trusted = settings.trustedCertificates();
            ServerTrust trust =
                    ServerTrust.in(trusted == null ? null : store(Pem.certificates("trusted certificates", trusted)));
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(identity(settings), new TrustManager[] {trust}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("TLS settings: " + e.getMessage(), e);
        }
    }

    /** The engine of a connection to this server. */
    static SSLEngine engine(SSLContext context, TlsSettings settings, String host, int port) {
        String name = withoutDot(host);
        SSLEngine engine = context.createSSLEngine(name, port);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(PROTOCOLS);
        parameters.setEndpointIdentificationAlgorithm(settings.verifyHostName() ? "HTTPS" : "");
        SNIHostName serverName = serverName(name);
        if (serverName != null) {
            // The JDK by itself leaves out names without a dot, as they are common in container networks.
            parameters.setServerNames(List.of(serverName));
        }
        engine.setSSLParameters(parameters);
        return engine;
    }

    private static @Nullable SNIHostName serverName(String host) {
        if (Ipv4.address(host) != null || host.indexOf(':') >= 0) {
            return null;
        }
        try {
            return new SNIHostName(host);
        } catch (IllegalArgumentException e) {
            // A name that works in /etc/hosts but is none in the DNS, such as one with an underscore.
            return null;
        }
    }

    private static String withoutDot(String host) {
        return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
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

    private static KeyManager @Nullable [] identity(TlsSettings settings) throws GeneralSecurityException {
        byte[] chainPem = settings.certificateChain();
        byte[] keyPem = settings.privateKey();
        if (chainPem == null && keyPem == null) {
            return null;
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
        KeyStore store = store(List.of());
        store.setKeyEntry("client", key, NO_PASSWORD, chain.toArray(new X509Certificate[0]));
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, NO_PASSWORD);
        return factory.getKeyManagers();
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
