package io.hawser.client.transport;

import io.hawser.text.Utf8;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * Fingerprints of which the server's certificate, or that of an issuer in its chain, must have one: SHA-256 of the public key
 * ({@code sha256/} and Base64), or of the whole certificate (64 hexadecimal digits).
 *
 * @param keys digests of public keys
 * @param certificates digests of certificates
 */
public record Pins(Set<ByteBuffer> keys, Set<ByteBuffer> certificates) {
    static final Pins NONE = new Pins(Set.of(), Set.of());

    private static final String KEY = "sha256/";
    private static final int BYTES = 32;
    /** The characters of a fingerprint in Base64, padding left out. */
    private static final int BASE64 = 43;

    /**
     * Reads fingerprints.
     *
     * @throws IllegalArgumentException if one is of neither form
     */
    public static Pins parse(List<String> fingerprints) {
        Set<ByteBuffer> keys = new HashSet<>();
        Set<ByteBuffer> certificates = new HashSet<>();
        for (String fingerprint : fingerprints) {
            if (fingerprint.startsWith(KEY)) {
                String text = fingerprint.substring(KEY.length());
                keys.add(required(fingerprint, () -> Base64.getDecoder().decode(withoutSlash(text))));
            } else {
                String text = fingerprint.replace(":", "");
                certificates.add(required(fingerprint, () -> HexFormat.of().parseHex(text)));
            }
        }
        return new Pins(Set.copyOf(keys), Set.copyOf(certificates));
    }

    /** Some write a second slash, as curl does; but Base64 may begin with one, too. */
    private static String withoutSlash(String text) {
        return text.startsWith("/") && text.replace("=", "").length() > BASE64 ? text.substring(1) : text;
    }

    private interface Decoding {
        byte[] decoded();
    }

    private static ByteBuffer required(String fingerprint, Decoding decoding) {
        try {
            byte[] bytes = decoding.decoded();
            if (bytes.length == BYTES) {
                return ByteBuffer.wrap(bytes);
            }
        } catch (IllegalArgumentException e) {
            // Told below, as one of another length is.
        }
        throw new IllegalArgumentException("pinned: \"" + Utf8.printable(fingerprint)
                + "\" is neither sha256/ with the Base64 of 32 bytes (of a public key) nor 64 hexadecimal digits (of a"
                + " certificate)");
    }

    boolean areGiven() {
        return !keys.isEmpty() || !certificates.isEmpty();
    }

    /**
     * Whether a certificate of the chain is pinned. One that has not issued what stands before it does not count: anybody can add it.
     */
    boolean match(X509Certificate[] chain) {
        try {
            for (int i = 0; i < chain.length && (i == 0 || hasIssued(chain[i], chain[i - 1])); i++) {
                if (keys.contains(digest(chain[i].getPublicKey().getEncoded()))
                        || certificates.contains(digest(chain[i].getEncoded()))) {
                    return true;
                }
            }
            return false;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static boolean hasIssued(X509Certificate issuer, X509Certificate issued) {
        try {
            issued.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** The fingerprint of the certificate's key, as one would pin it. */
    static String ofKey(X509Certificate certificate) {
        try {
            return KEY
                    + Base64.getEncoder()
                            .encodeToString(digest(certificate.getPublicKey().getEncoded())
                                    .array());
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    private static ByteBuffer digest(byte[] encoded) throws GeneralSecurityException {
        return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(encoded));
    }
}
