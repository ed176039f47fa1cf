package io.hawser.client;

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
 * How TLS is to be done for {@code mqtts} servers: whom to trust, how to identify this client, and what may be spoken. By default the
 * platform's authorities are trusted, no certificate is presented, the server's certificate must be for the host name, and TLS 1.3
 * and 1.2 are spoken. Renegotiation is refused. Pre-shared keys (TLS-PSK) are missing, because the JDK's TLS has none.
 *
 * <p>Immutable. Files are read when this is given to a builder, where a mistake in them shows, and again for each attempt to connect:
 * what has been replaced counts from the next attempt on, and one that cannot be used fails the attempts until it can.
 */
public final class Tls {
    /** What {@link #withoutVerification} wants to be told. */
    private static final String WORD = "insecure";

    private static final int MOST_ALPN_BYTES = 255;
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

    /** Trusts the authorities that the Java platform trusts. */
    public static Tls platform() {
        return PLATFORM;
    }

    /** Trusts the certificates in this PEM file and no others. */
    public static Tls trusting(Path certificates) {
        return trusting(Material.trusted(readable(certificates)));
    }

    /** Trusts the certificates in this PEM text and no others. */
    public static Tls trusting(String certificates) {
        return trusting(certificates.getBytes(StandardCharsets.UTF_8));
    }

    /** Trusts the certificates in this PEM text and no others. */
    public static Tls trusting(byte[] certificates) {
        return trusting(Material.trusted(Source.of(certificates)));
    }

    /** Trusts the certificates in this file, PKCS#12 or JKS, and no others. */
    public static Tls trusting(Path keyStore, String password) {
        readable(keyStore);
        return trusting(Material.storeFile(keyStore, Objects.requireNonNull(password, "password")));
    }

    /** Trusts the certificates in this store, which has been loaded, and no others. */
    public static Tls trusting(KeyStore certificates) {
        return trusting(Material.store(Objects.requireNonNull(certificates, "certificates"), new char[0]));
    }

    private static Tls trusting(Material trusted) {
        return PLATFORM.with(settings -> settings.trusted = trusted);
    }

    /**
     * Has this context make the engines, whoever it is from: it brings keys, trust and perhaps another implementation of TLS. Only host
     * names are verified by Hawser's wish, and {@link #protocols}, {@link #cipherSuites} and {@link #applicationProtocols} can be said.
     */
    public static Tls of(SSLContext context) {
        Objects.requireNonNull(context, "context");
        return PLATFORM.with(settings -> settings.context = context);
    }

    /**
     * Verifies nothing: whoever answers on the way can read and change everything, passwords included. For laboratories; each attempt to
     * connect logs a WARN.
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

    /** This, trusting the authorities of the Java platform as well. */
    public Tls alsoTrustingPlatform() {
        requireOwnTrust("alsoTrustingPlatform");
        return with(changed -> changed.trustsPlatformToo = true);
    }

    /** This with a certificate (and its issuers, if any) and its unencrypted key, PKCS#8, PKCS#1 or SEC 1, both PEM files. */
    public Tls identifiedBy(Path certificateChain, Path privateKey) {
        return identified(Material.identity(readable(certificateChain), readable(privateKey), null));
    }

    /** This with a certificate (and its issuers, if any) and its encrypted PKCS#8 key, both PEM files. */
    public Tls identifiedBy(Path certificateChain, Path privateKey, String password) {
        return identified(Material.identity(readable(certificateChain), readable(privateKey), password));
    }

    /**
     * This with a certificate (and its issuers, if any) and its key, both PEM text.
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
     * This with a certificate (and its issuers, if any) and its key, both PEM text.
     *
     * @param password of an encrypted PKCS#8 key, or null
     */
    public Tls identifiedBy(byte[] certificateChain, byte[] privateKey, @Nullable String password) {
        return identified(Material.identity(Source.of(certificateChain), Source.of(privateKey), password));
    }

    /** This with the key and certificate in a file, PKCS#12 or JKS, whose password opens the key, too. */
    public Tls identifiedBy(Path keyStore, String password) {
        readable(keyStore);
        return identified(Material.storeFile(keyStore, Objects.requireNonNull(password, "password")));
    }

    /** This with the key and certificate in a store that has been loaded: PKCS#12, JKS, or in hardware (PKCS#11). */
    public Tls identifiedBy(KeyStore keyStore, char[] keyPassword) {
        return identified(Material.store(Objects.requireNonNull(keyStore, "keyStore"), keyPassword));
    }

    private Tls identified(Material identity) {
        requireOwnTrust("identifiedBy");
        return with(changed -> changed.identity = identity);
    }

    /**
     * This, where the server must have one of these certificates or keys, or an issuer that does, in addition to being trusted.
     *
     * @param fingerprints each SHA-256: of a public key as {@code sha256/} and Base64, or of a certificate as 64 hexadecimal digits, with
     *     colons or without
     */
    public Tls pinned(String... fingerprints) {
        requireVerification("pinned");
        requireSome("pinned", fingerprints);
        Pins pins = Pins.parse(List.of(fingerprints));
        return with(changed -> changed.pins = pins);
    }

    /**
     * This, asking by OCSP, and else by the lists that certificates name, whether a certificate has been revoked (default: nobody asks).
     * The asking is done by the JDK, takes part of the time for connecting, and fails it if there is no answer.
     *
     * @param options such as {@link Option#SOFT_FAIL} to connect when there is no answer, {@link Option#ONLY_END_ENTITY}
     */
    public Tls checkingRevocation(Option... options) {
        requireVerification("checkingRevocation");
        return with(changed -> changed.revocation = Set.of(options));
    }

    /**
     * As {@link #checkingRevocation(Option...)}, with lists (CRLs, PEM or DER) from this file, which come first. There must be one of each
     * issuer, unless the options say otherwise.
     */
    public Tls checkingRevocation(Path lists, Option... options) {
        requireVerification("checkingRevocation");
        Source source = readable(lists);
        return with(changed -> {
            changed.revocation = Set.of(options);
            changed.revocationLists = List.of(source);
        });
    }

    /** This, speaking only these: {@code TLSv1.2}, {@code TLSv1.3} or both (the default). */
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
     * This, with these cipher suites only, by the JDK's names, in the order of preference (default: the JDK's). Those of TLS 1.3 and 1.2
     * are different ones.
     */
    public Tls cipherSuites(String... suites) {
        requireSome("cipherSuites", suites);
        return with(changed -> changed.cipherSuites = List.of(suites));
    }

    /**
     * This, offering these protocols above TLS (ALPN, RFC 7301), in the order of preference: {@code x-amzn-mqtt-ca} for AWS IoT on port 443,
     * {@code mqtt} for others. A server that chooses none is accepted; one that refuses them all ends the handshake.
     *
     * @param protocols each of 1 to 255 bytes
     */
    public Tls applicationProtocols(String... protocols) {
        requireSome("applicationProtocols", protocols);
        for (String protocol : protocols) {
            int size = protocol.getBytes(StandardCharsets.UTF_8).length;
            if (size == 0 || size > MOST_ALPN_BYTES) {
                throw new IllegalArgumentException("applicationProtocols: a name must have 1 to " + MOST_ALPN_BYTES
                        + " bytes, and one has " + size);
            }
        }
        return with(changed -> changed.applicationProtocols = List.of(protocols));
    }

    /** This without checking that the server's certificate is for the host name: for tests, not for production. */
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

    /** The file, which is looked at now, so that a wrong name shows where it is given. */
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
