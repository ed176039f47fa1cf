package io.hawser.client;

import io.hawser.client.transport.HttpText;
import io.hawser.client.transport.Material;
import io.hawser.client.transport.Material.Source;
import io.hawser.client.transport.Pins;
import io.hawser.client.transport.TlsSettings;
import io.hawser.text.Utf8;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.PKIXRevocationChecker.Option;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The TLS options for {@code mqtts} and {@code wss} servers: whom to trust, how to identify this client, which
 * protocols and cipher suites to speak. By default the platform's authorities are trusted, no certificate is presented,
 * the server's certificate must be for the host name, and TLS 1.3 and 1.2 are spoken. Renegotiation is refused.
 * Pre-shared keys (TLS-PSK) are missing, because the JDK's TLS has none.
 *
 * <p>Immutable. Files are read when these options are given to a builder, which throws if a file cannot be used, and
 * again for each attempt to connect: a replaced file counts from the next attempt on, and a file that cannot be used
 * fails the attempts until it can.
 */
public final class Tls {
    /** The argument that {@link #withoutVerification} demands. */
    private static final String WORD = "insecure";

    private static final int MOST_ALPN_BYTES = 255;
    /** As much as leaves room in the one record that a server reads first. */
    private static final int MOST_ALPN_TOTAL = 8 * 1024;

    private static final Tls PLATFORM = new Tls(new TlsSettings());

    private final TlsSettings settings;

    private Tls(TlsSettings settings) {
        this.settings = settings;
    }

    private Tls with(Consumer<TlsSettings> change) {
        TlsSettings changed = settings.copy();
        change.accept(changed);
        return new Tls(changed);
    }

    /** Options that trust the authorities of the Java platform. */
    public static Tls platform() {
        return PLATFORM;
    }

    /** Options that trust the certificates in this PEM file and no others. */
    public static Tls trusting(Path certificates) {
        return trusting(Material.trusted(readable(certificates)));
    }

    /** Options that trust the certificates in this PEM text and no others. */
    public static Tls trusting(String certificates) {
        return trusting(certificates.getBytes(StandardCharsets.UTF_8));
    }

    /** Options that trust the certificates in this PEM text and no others. */
    public static Tls trusting(byte[] certificates) {
        return trusting(Material.trusted(Source.of(certificates)));
    }

    /** Options that trust the certificates in this key store file, PKCS#12 or JKS, and no others. */
    public static Tls trusting(Path keyStore, String password) {
        readable(keyStore);
        return trusting(Material.storeFile(keyStore, Objects.requireNonNull(password, "password")));
    }

    /** Options that trust the certificates in this loaded key store and no others. */
    public static Tls trusting(KeyStore certificates) {
        return trusting(Material.store(Objects.requireNonNull(certificates, "certificates"), new char[0]));
    }

    private static Tls trusting(Material trusted) {
        return PLATFORM.with(settings -> settings.trusted = trusted);
    }

    /**
     * Options with a context of the program's, which makes the engines: it brings keys, trust and perhaps another
     * implementation of TLS. Hawser still has the engines verify the host name, and only {@link #protocols},
     * {@link #cipherSuites}, {@link #applicationProtocols} and {@link #withoutHostNameVerification} can be combined
     * with it.
     */
    public static Tls of(SSLContext context) {
        Objects.requireNonNull(context, "context");
        return PLATFORM.with(settings -> settings.context = context);
    }

    /**
     * Options that verify nothing: whoever answers on the way can read and change everything, passwords included. For
     * laboratories; each attempt to connect logs a WARN.
     *
     * @param word must be {@code "insecure"}, so that nobody gets here by accident
     */
    public static Tls withoutVerification(String word) {
        if (!WORD.equals(word)) {
            throw new IllegalArgumentException("withoutVerification: lets anybody be the server, and wants the word \""
                    + WORD + "\" for it; to trust a certificate of your own, use Tls.trusting");
        }
        return PLATFORM.with(settings -> settings.verifies = false);
    }

    /** These options, trusting the authorities of the Java platform as well. */
    public Tls alsoTrustingPlatform() {
        requireOwnTrust("alsoTrustingPlatform");
        return with(changed -> changed.trustsPlatformToo = true);
    }

    /**
     * These options with a certificate (and its issuers, if any) and its unencrypted key, PKCS#8, PKCS#1 or SEC 1, in
     * PEM files.
     */
    public Tls identifiedBy(Path certificateChain, Path privateKey) {
        return identified(Material.identity(readable(certificateChain), readable(privateKey), null));
    }

    /** These options with a certificate (and its issuers, if any) and its encrypted PKCS#8 key, in PEM files. */
    public Tls identifiedBy(Path certificateChain, Path privateKey, String password) {
        return identified(Material.identity(readable(certificateChain), readable(privateKey), password));
    }

    /**
     * These options with a certificate (and its issuers, if any) and its key, in PEM text.
     *
     * @param password of an encrypted PKCS#8 key, or null
     */
    public Tls identifiedBy(String certificateChain, String privateKey, @Nullable String password) {
        return identifiedBy(
                certificateChain.getBytes(StandardCharsets.UTF_8),
                privateKey.getBytes(StandardCharsets.UTF_8),
                password);
    }

    /**
     * These options with a certificate (and its issuers, if any) and its key, in PEM text.
     *
     * @param password of an encrypted PKCS#8 key, or null
     */
    public Tls identifiedBy(byte[] certificateChain, byte[] privateKey, @Nullable String password) {
        return identified(Material.identity(Source.of(certificateChain), Source.of(privateKey), password));
    }

    /**
     * These options with the key and certificate in a key store file, PKCS#12 or JKS, whose password also opens the
     * key.
     */
    public Tls identifiedBy(Path keyStore, String password) {
        readable(keyStore);
        return identified(Material.storeFile(keyStore, Objects.requireNonNull(password, "password")));
    }

    /** These options with the key and certificate in a loaded key store: PKCS#12, JKS, or hardware (PKCS#11). */
    public Tls identifiedBy(KeyStore keyStore, char[] keyPassword) {
        return identified(Material.store(Objects.requireNonNull(keyStore, "keyStore"), keyPassword));
    }

    private Tls identified(Material identity) {
        requireOwnTrust("identifiedBy");
        return with(changed -> changed.identity = identity);
    }

    /**
     * These options with pins: besides being trusted, the server's certificate or one of its issuers must have one of
     * these certificates or keys.
     *
     * @param fingerprints SHA-256 fingerprints: of a public key as {@code sha256/} and Base64, or of a certificate as
     *     64 hexadecimal digits, with colons or without
     */
    public Tls pinned(String... fingerprints) {
        requireVerification("pinned");
        requireSome("pinned", fingerprints);
        Pins pins = Pins.parse(List.of(fingerprints));
        return with(changed -> changed.pins = pins);
    }

    /**
     * These options with revocation checks: by OCSP, and otherwise by the lists that certificates name (default: no
     * check). The JDK does the check, as part of the time for connecting; without an answer, the attempt fails.
     *
     * @param options such as {@link Option#SOFT_FAIL} to connect when there is no answer,
     *     {@link Option#ONLY_END_ENTITY}
     */
    public Tls checkingRevocation(Option... options) {
        requireVerification("checkingRevocation");
        return with(changed -> changed.revocation = Set.of(options));
    }

    /**
     * These options with revocation checks as of {@link #checkingRevocation(Option...)}, which use the lists (CRLs, PEM
     * or DER) in this file first. The file must have a list of each issuer, unless {@code options} say otherwise.
     */
    public Tls checkingRevocation(Path lists, Option... options) {
        requireVerification("checkingRevocation");
        Source source = readable(lists);
        return with(changed -> {
            changed.revocation = Set.of(options);
            changed.revocationLists = List.of(source);
        });
    }

    /** These options with only these protocols: {@code TLSv1.2}, {@code TLSv1.3} or both (the default). */
    public Tls protocols(String... protocols) {
        requireSome("protocols", protocols);
        for (String protocol : protocols) {
            if (!protocol.equals("TLSv1.2") && !protocol.equals("TLSv1.3")) {
                throw new IllegalArgumentException("protocols: \"" + Utf8.printable(protocol)
                        + "\" is neither TLSv1.2 nor TLSv1.3; older ones are forbidden (RFC 8996)");
            }
        }
        return with(changed -> changed.protocols = List.of(protocols));
    }

    /**
     * These options with only these cipher suites, by the JDK's names, in the order of preference (default: the JDK's).
     * TLS 1.3 and 1.2 have different cipher suites.
     */
    public Tls cipherSuites(String... suites) {
        requireSome("cipherSuites", suites);
        return with(changed -> changed.cipherSuites = List.of(suites));
    }

    /**
     * These options with application protocols to offer (ALPN, RFC 7301), in the order of preference:
     * {@code x-amzn-mqtt-ca} for AWS IoT on port 443, {@code mqtt} for others. A server that chooses none is accepted;
     * a server that refuses them all ends the handshake.
     *
     * @param protocols names of 1 to 255 bytes
     */
    public Tls applicationProtocols(String... protocols) {
        requireSome("applicationProtocols", protocols);
        int total = 0;
        for (String protocol : protocols) {
            int size = protocol.getBytes(StandardCharsets.UTF_8).length;
            total += size + 1;
            if (size == 0 || size > MOST_ALPN_BYTES) {
                throw new IllegalArgumentException("applicationProtocols: a name must have 1 to " + MOST_ALPN_BYTES
                        + " bytes, and one has " + size);
            }
            if (!HttpText.isVisible(protocol, true)) {
                throw new IllegalArgumentException("applicationProtocols: \"" + Utf8.printable(protocol)
                        + "\" has other than visible ASCII characters");
            }
        }
        if (total > MOST_ALPN_TOTAL) {
            throw new IllegalArgumentException(
                    "applicationProtocols: all names take " + total + " bytes, must be at most " + MOST_ALPN_TOTAL);
        }
        return with(changed -> changed.applicationProtocols = List.of(protocols));
    }

    /**
     * These options without the check that the server's certificate is for the host name: for tests, not for
     * production.
     */
    public Tls withoutHostNameVerification() {
        return with(changed -> changed.verifiesHostName = false);
    }

    private void requireOwnTrust(String option) {
        if (settings.context != null) {
            throw new IllegalArgumentException(option + ": the given SSLContext brings its own keys and trust");
        }
    }

    private void requireVerification(String option) {
        requireOwnTrust(option);
        if (!settings.verifies) {
            throw new IllegalArgumentException(option + ": is of no use without verification");
        }
    }

    private static void requireSome(String option, String[] values) {
        if (values.length == 0 || new HashSet<>(Arrays.asList(values)).size() < values.length) {
            throw new IllegalArgumentException(option + ": at least one, and none twice");
        }
    }

    /** Throws an {@link IllegalArgumentException} if the material cannot be used. */
    void validate() {
        settings.validate();
    }

    TlsSettings settings() {
        return settings;
    }

    /** The source of a file, which is read now once, so that a wrong name fails where it is given. */
    private static Source readable(Path file) {
        Source source = Source.file(file);
        byte[] unused = source.read();
        return source;
    }

    @Override
    public String toString() {
        return settings.toString();
    }
}
