package io.hawser.client.transport;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.StringJoiner;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Trusts whom the JDK's own trust manager trusts, and says in words why not. */
final class ServerTrust extends X509ExtendedTrustManager {
    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;

    private final X509ExtendedTrustManager platform;
    private final String among;

    private ServerTrust(X509ExtendedTrustManager platform, String among) {
        this.platform = platform;
        this.among = among;
    }

    /**
     * @param store whom to trust, or null for the platform's trust store
     */
    static ServerTrust in(@Nullable KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager platform) {
                return new ServerTrust(
                        platform, store == null ? "in the platform's trust store" : "among the trusted certificates");
            }
        }
        throw new GeneralSecurityException("the platform has no trust manager for X.509 certificates");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        try {
            platform.checkServerTrusted(chain, authType, engine);
        } catch (CertificateException e) {
            throw new ServerNotTrustedException(words(chain, engine.getPeerHost(), e), e);
        }
    }

    private String words(X509Certificate[] chain, @Nullable String host, CertificateException failure)
            throws CertificateParsingException {
        for (X509Certificate certificate : chain) {
            Instant now = Instant.now();
            Instant from = certificate.getNotBefore().toInstant();
            Instant until = certificate.getNotAfter().toInstant();
            String whose = certificate.equals(chain[0]) ? "the server's certificate" : "the certificate of an issuer";
            if (now.isAfter(until)) {
                return whose + " (" + certificate.getSubjectX500Principal() + ") expired on " + until;
            }
            if (now.isBefore(from)) {
                return whose + " (" + certificate.getSubjectX500Principal() + ") is valid from " + from
                        + " on, and this machine's clock says " + now;
            }
        }
        String message = String.valueOf(failure.getMessage());
        if (message.startsWith("No subject alternative") || message.startsWith("No name matching")) {
            return "the server's certificate is for " + names(chain[0]) + ", not for " + host;
        }
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof CertPathBuilderException) {
                X509Certificate last = chain[chain.length - 1];
                return "the server's certificate is not trusted: its issuer " + last.getIssuerX500Principal()
                        + " is not " + among;
            }
        }
        return "the server's certificate is not trusted: " + message;
    }

    private static String names(X509Certificate certificate) throws CertificateParsingException {
        Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
        StringJoiner names = new StringJoiner(", ");
        names.setEmptyValue(certificate.getSubjectX500Principal().toString());
        if (alternatives != null) {
            for (List<?> alternative : alternatives) {
                if (alternative.get(0) instanceof Integer kind && (kind == DNS_NAME || kind == IP_ADDRESS)) {
                    names.add(String.valueOf(alternative.get(1)));
                }
            }
        }
        return names.toString();
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return platform.getAcceptedIssuers();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        platform.checkServerTrusted(chain, authType, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        platform.checkServerTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        platform.checkClientTrusted(chain, authType, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        platform.checkClientTrusted(chain, authType, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        platform.checkClientTrusted(chain, authType);
    }
}
