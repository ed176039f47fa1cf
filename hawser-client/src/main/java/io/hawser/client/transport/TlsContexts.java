package io.hawser.client.transport;

import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.UnrecoverableKeyException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    /** RFC 8996 forbids the ones before. */
    static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

    private static final int KEPT = 8;

    private static final Map<List<Object>, SSLContext> CONTEXTS = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<List<Object>, SSLContext> eldest) {
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
        if (settings.context == null) {
            SSLContext context = shared(settings);
            requireSuites(context, settings);
            return context;
        }
        try {
            requireSuites(settings.context, settings);
            SSLEngine unused = engine(settings.context, settings, "localhost", 1);
        } catch (IllegalStateException | UnsupportedOperationException e) {
            throw new IllegalArgumentException("SSLContext: makes no engine for a client: " + e.getMessage(), e);
        }
        return settings.context;
    }

    private static SSLContext shared(TlsSettings settings) {
        List<Object> trusted = settings.trusted == null ? List.of() : settings.trusted.read();
        List<Object> identity = settings.identity == null ? List.of() : settings.identity.read();
        TrustRules rules = TrustRules.of(settings);
        // By content: a supplier may hand out equal material in new arrays for each attempt, and a file may have
        // changed.
        List<Object> key = List.of(trusted, identity, rules);
        synchronized (CONTEXTS) {
            SSLContext context = CONTEXTS.get(key);
            if (context == null) {
                context = make(settings, trusted, identity, rules);
                CONTEXTS.put(key, context);
            }
            return context;
        }
    }

    private static SSLContext make(
            TlsSettings settings, List<Object> trusted, List<Object> identity, TrustRules rules) {
        try {
            KeyStore trust = settings.trusted == null ? null : settings.trusted.trustStore(trusted);
            KeyManager[] keys = settings.identity == null ? null : keys(settings.identity, identity);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, new TrustManager[] {rules.trust(trust)}, null);
            return context;
        } catch (UnrecoverableKeyException e) {
            throw new IllegalArgumentException("key store: the password does not open the private key", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("TLS settings: " + e.getMessage(), e);
        }
    }

    private static KeyManager[] keys(Material identity, List<Object> read) throws GeneralSecurityException {
        KeyStore store = identity.identityStore(read);
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, identity.keyPassword());
        return factory.getKeyManagers();
    }

    /** That this JVM has what is asked for, and that it goes together. */
    private static void requireSuites(SSLContext context, TlsSettings settings) {
        if (settings.cipherSuites.isEmpty()) {
            return;
        }
        List<String> known = Arrays.asList(context.getSupportedSSLParameters().getCipherSuites());
        List<String> unknown = new ArrayList<>(settings.cipherSuites);
        unknown.removeAll(known);
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("cipherSuites: " + String.join(", ", unknown) + " is not among the "
                    + known.size() + " that this JVM has, such as " + known.get(0));
        }
        for (String protocol : settings.protocols) {
            boolean is13 = protocol.equals("TLSv1.3");
            if (settings.cipherSuites.stream().noneMatch(suite -> isOf13(suite) == is13)
                    && settings.protocols.size() == 1) {
                throw new IllegalArgumentException("cipherSuites: none of them is one of " + protocol
                        + ", which is the only protocol that is allowed");
            }
        }
    }

    /** Its names say no more than cipher and hash: RFC 8446, appendix B.4. */
    private static boolean isOf13(String suite) {
        return suite.startsWith("TLS_") && !suite.contains("_WITH_");
    }

    /** The engine of a connection to this server. */
    static SSLEngine engine(SSLContext context, TlsSettings settings, String host, int port) {
        String name = withoutDot(host);
        SSLEngine engine = context.createSSLEngine(name, port);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(settings.protocols.toArray(new String[0]));
        if (!settings.cipherSuites.isEmpty()) {
            parameters.setCipherSuites(settings.cipherSuites.toArray(new String[0]));
        }
        if (!settings.applicationProtocols.isEmpty()) {
            parameters.setApplicationProtocols(settings.applicationProtocols.toArray(new String[0]));
        }
        parameters.setEndpointIdentificationAlgorithm(settings.verifies && settings.verifiesHostName ? "HTTPS" : "");
        SNIHostName serverName = serverName(name);
        if (serverName != null) {
            // The JDK by itself leaves out names without a dot, as they are common in container networks.
            parameters.setServerNames(List.of(serverName));
        }
        engine.setSSLParameters(parameters);
        return engine;
    }

    private static @Nullable SNIHostName serverName(String host) {
        if (Addresses.ipv4(host) != null || host.indexOf(':') >= 0) {
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
}
