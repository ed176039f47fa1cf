package io.hawser.client.transport;

import io.hawser.text.Utf8;
import java.net.Socket;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.CertificateRevokedException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.StringJoiner;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Trusts whom the JDK's own trust manager trusts, and says in words why not. */
final class ServerTrust extends X509ExtendedTrustManager {
    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;

    private final X509ExtendedTrustManager platform;
    private final Pins pins;
    private final String among;

    /**
     * @param among where an issuer that is not trusted was looked for, such as "not among the trusted certificates"
     */
    ServerTrust(X509ExtendedTrustManager platform, Pins pins, String among) {
        this.platform = platform;
        this.pins = pins;
        this.among = among;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        checkTrusted(chain, authType, engine);
        if (pins.areGiven() && !pins.match(chain)) {
            throw new ServerNotTrustedException(
                    "the server's certificate is trusted, but neither it nor an issuer is pinned; its key is "
                            + Pins.ofKey(chain[0]),
                    null);
        }
    }

    private void checkTrusted(X509Certificate[] chain, String authType, SSLEngine engine) throws CertificateException {
        try {
            platform.checkServerTrusted(chain, authType, engine);
        } catch (CertificateException e) {
            String host = engine.getPeerHost();
            // The JDK looks at the name last, when it trusts the chain already.
            boolean onlyTheName = String.valueOf(e.getMessage()).startsWith("Illegal given domain name");
            if (onlyTheName && host != null && !isDomainName(host)) {
                if (isNamed(chain[0], host)) {
                    return;
                }
                throw new ServerNotTrustedException(
                        "the server's certificate is for " + names(chain[0]) + ", not for " + Utf8.printable(host), e);
            }
            throw new ServerNotTrustedException(words(chain, host, e), e);
        }
    }

    /** Whether the JDK takes a name for one of the DNS; one with an underscore, as container networks have, it does not. */
    private static boolean isDomainName(String host) {
        try {
            SNIHostName unused = new SNIHostName(host);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /**
     * Whether the certificate names the host among its DNS names (RFC 6125): letters of either case are the same, and a whole
     * first label may be {@code *} in front of two labels or more. The common name does not count.
     */
    private static boolean isNamed(X509Certificate certificate, String host) throws CertificateParsingException {
        String name = withoutDot(host);
        int dot = name.indexOf('.');
        String parent = dot > 0 ? name.substring(dot) : "";
        Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
        for (List<?> alternative : alternatives == null ? List.<List<?>>of() : alternatives) {
            if (Integer.valueOf(DNS_NAME).equals(alternative.get(0))) {
                String pattern = withoutDot(String.valueOf(alternative.get(1)));
                boolean wildcard = pattern.startsWith("*.") && parent.indexOf('.', 1) > 0;
                if (pattern.equalsIgnoreCase(name)
                        || wildcard && pattern.substring(1).equalsIgnoreCase(parent)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static String withoutDot(String name) {
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
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
            if (t instanceof CertPathValidatorException invalid && invalid.getReason() == BasicReason.REVOKED) {
                return revoked(invalid);
            }
            if (t instanceof CertPathValidatorException invalid && isAboutUnknownRevocation(invalid)) {
                return "it cannot be found out whether the server's certificate has been revoked: " + t.getMessage();
            }
        }
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof CertPathBuilderException) {
                X509Certificate last = chain[chain.length - 1];
                return "the server's certificate is not trusted: its issuer " + last.getIssuerX500Principal() + " is "
                        + among;
            }
        }
        return "the server's certificate is not trusted: " + message;
    }

    private static boolean isAboutUnknownRevocation(CertPathValidatorException invalid) {
        return invalid.getReason() == BasicReason.UNDETERMINED_REVOCATION_STATUS
                || String.valueOf(invalid.getMessage()).contains("OCSP responder");
    }

    private static String revoked(CertPathValidatorException invalid) {
        String whose = invalid.getIndex() > 0 ? "the certificate of an issuer" : "the server's certificate";
        return invalid.getCause() instanceof CertificateRevokedException revoked
                ? whose + " was revoked on " + revoked.getRevocationDate().toInstant() + ": "
                        + revoked.getRevocationReason()
                : whose + " has been revoked";
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
