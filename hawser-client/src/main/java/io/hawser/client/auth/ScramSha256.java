package io.hawser.client.auth;

import io.hawser.mqtt.Authentication;
import io.hawser.mqtt.Credentials;
import io.hawser.text.Utf8;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of SCRAM-SHA-256 (RFC 5802 and 7677) without channel binding: one exchange. Its exceptions hold no
 * secrets.
 */
public final class ScramSha256 implements Authentication {
    /**
     * The least iteration count, as RFC 7677 demands: with fewer, a false broker could try out passwords quickly on the
     * client's proof.
     */
    static final int LEAST_ITERATIONS = 4_096;
    /**
     * The largest iteration count, about a second of work, so that a false broker cannot keep the client busy for long.
     * Twice today's recommendation.
     */
    static final int MOST_ITERATIONS = 1_200_000;

    private static final int NONCE_BYTES = 24;
    /** The GS2 header: no channel binding and no other identity; also part of the last message. */
    private static final String HEADER = "n,,";

    private static final String HEADER_BASE64 = "biws";
    private static final String HMAC = "HmacSHA256";
    private static final String SERVER_FIRST = "the broker's first SCRAM message";

    private final String userName;
    private final byte[] password;
    private final String nonce;
    /** The signature by which the broker proves that it knows the password; null before the challenge. */
    private byte @Nullable [] serverSignature;

    public ScramSha256(Credentials credentials) {
        this(credentials, freshNonce());
    }

    /** @param nonce printable ASCII without a comma, never used before */
    ScramSha256(Credentials credentials, String nonce) {
        String name = credentials.userName();
        byte[] secret = credentials.password();
        if (name == null || secret == null || secret.length == 0) {
            throw new IllegalArgumentException("credentials lack user name or password, SCRAM needs both");
        }
        userName = SaslPrep.prepared("user name", name).replace("=", "=3D").replace(",", "=2C");
        password = SaslPrep.prepared("password", decoded(secret)).getBytes(StandardCharsets.UTF_8);
        if (userName.isEmpty() || password.length == 0) {
            throw new IllegalArgumentException(
                    "credentials have a user name or a password of which SASLprep leaves nothing");
        }
        this.nonce = nonce;
    }

    public static void validate(Credentials credentials) {
        new ScramSha256(credentials, "");
    }

    private static String decoded(byte[] secret) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(secret))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("password is not UTF-8, SCRAM needs text");
        }
    }

    private static String freshNonce() {
        byte[] random = new byte[NONCE_BYTES];
        new SecureRandom().nextBytes(random);
        return Base64.getEncoder().encodeToString(random);
    }

    @Override
    public String method() {
        return "SCRAM-SHA-256";
    }

    @Override
    public byte[] begin() {
        return (HEADER + firstBare()).getBytes(StandardCharsets.UTF_8);
    }

    private String firstBare() {
        return "n=" + userName + ",r=" + nonce;
    }

    @Override
    public byte[] challenge(byte[] data) throws GeneralSecurityException {
        if (serverSignature != null) {
            throw new GeneralSecurityException("the broker sends a second SCRAM challenge");
        }
        String serverFirst = new String(data, StandardCharsets.UTF_8);
        String[] parts = serverFirst.split(",", -1);
        if (parts[0].startsWith("m=")) {
            throw new GeneralSecurityException(SERVER_FIRST + " asks for an extension that is not known");
        }
        if (parts.length < 3) {
            throw new GeneralSecurityException(SERVER_FIRST + " has " + parts.length + " attributes, must have 3");
        }
        String combined = value(parts[0], "r");
        if (!combined.startsWith(nonce) || combined.length() == nonce.length()) {
            throw new GeneralSecurityException(SERVER_FIRST + " does not add to the client's nonce");
        }
        byte[] salt = base64(value(parts[1], "s"), "salt");
        byte[] salted = salted(salt, iterations(value(parts[2], "i")));

        String withoutProof = "c=" + HEADER_BASE64 + ",r=" + combined;
        byte[] signed = (firstBare() + "," + serverFirst + "," + withoutProof).getBytes(StandardCharsets.UTF_8);
        byte[] proof = hmac(salted, "Client Key".getBytes(StandardCharsets.US_ASCII));
        byte[] signature = hmac(MessageDigest.getInstance("SHA-256").digest(proof), signed);
        for (int i = 0; i < proof.length; i++) {
            proof[i] ^= signature[i];
        }
        serverSignature = hmac(hmac(salted, "Server Key".getBytes(StandardCharsets.US_ASCII)), signed);
        return (withoutProof + ",p=" + Base64.getEncoder().encodeToString(proof)).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void complete(byte[] data) throws GeneralSecurityException {
        byte[] expected = serverSignature;
        if (expected == null) {
            throw new GeneralSecurityException("the broker accepts without having been asked for a proof");
        }
        String serverFinal = new String(data, StandardCharsets.UTF_8).split(",", 2)[0];
        if (serverFinal.startsWith("e=")) {
            throw new GeneralSecurityException("the broker says: " + Utf8.printable(serverFinal.substring(2)));
        }
        if (!MessageDigest.isEqual(expected, base64(value(serverFinal, "v"), "signature"))) {
            throw new GeneralSecurityException(
                    "the broker's signature is wrong: it does not know this user's password");
        }
    }

    private static String value(String attribute, String name) throws GeneralSecurityException {
        if (!attribute.startsWith(name + "=")) {
            throw new GeneralSecurityException("the broker's SCRAM message lacks attribute " + name + " in its place");
        }
        return attribute.substring(2);
    }

    private static byte[] base64(String text, String what) throws GeneralSecurityException {
        try {
            byte[] bytes = Base64.getDecoder().decode(text);
            if (bytes.length > 0) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            // Treated like empty data.
        }
        throw new GeneralSecurityException("the broker's SCRAM " + what + " is not in Base64");
    }

    private static int iterations(String text) throws GeneralSecurityException {
        int iterations;
        try {
            iterations = Integer.parseInt(text);
        } catch (NumberFormatException e) {
            iterations = 0;
        }
        if (iterations < LEAST_ITERATIONS || iterations > MOST_ITERATIONS) {
            throw new GeneralSecurityException("the broker's SCRAM iteration count is " + Utf8.printable(text)
                    + ", must be " + LEAST_ITERATIONS + " to " + MOST_ITERATIONS);
        }
        return iterations;
    }

    /**
     * The salted password: Hi of RFC 5802, which is PBKDF2 for one block. {@code SecretKeyFactory} would copy the
     * password to a string.
     */
    private byte[] salted(byte[] salt, int iterations) throws GeneralSecurityException {
        Mac mac = mac(password);
        mac.update(salt);
        byte[] last = mac.doFinal(new byte[] {0, 0, 0, 1});
        byte[] sum = last.clone();
        for (int n = 1; n < iterations; n++) {
            last = mac.doFinal(last);
            for (int i = 0; i < sum.length; i++) {
                sum[i] ^= last[i];
            }
        }
        return sum;
    }

    private static byte[] hmac(byte[] key, byte[] data) throws GeneralSecurityException {
        return mac(key).doFinal(data);
    }

    private static Mac mac(byte[] key) throws GeneralSecurityException {
        Mac mac = Mac.getInstance(HMAC);
        mac.init(new SecretKeySpec(key, HMAC));
        return mac;
    }

    @Override
    public String toString() {
        return "ScramSha256[" + Utf8.printable(userName) + "]";
    }
}
