package io.hawser.client.api;

import io.hawser.mqtt.ReasonCode;
import io.hawser.testing.AuthenticationScript;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/** The other side of SCRAM-SHA-256 (RFC 5802), one exchange, written by the RFC and with the JDK's PBKDF2. */
class ScramServer implements AuthenticationScript {
    private static final byte[] SALT = {1, 2, 3, 4, 5, 6, 7, 8};
    private static final int ITERATIONS = 4_096;

    private final String userName;
    private final String password;
    private String clientFirst;
    private String serverFirst;

    ScramServer(String userName, String password) {
        this.userName = userName;
        this.password = password;
    }

    @Override
    public Answer answer(String method, byte[] data) {
        String said = new String(data, StandardCharsets.UTF_8);
        if (!method.equals("SCRAM-SHA-256")) {
            return Answer.refuse(ReasonCode.BAD_AUTHENTICATION_METHOD);
        }
        if (serverFirst == null) {
            if (!said.startsWith("n,,n=" + userName + ",r=")) {
                return Answer.refuse(ReasonCode.NOT_AUTHORIZED);
            }
            clientFirst = said.substring("n,,".length());
            String nonce = clientFirst.substring(clientFirst.indexOf(",r=") + 3) + "broker";
            serverFirst = "r=" + nonce + ",s=" + Base64.getEncoder().encodeToString(SALT) + ",i=" + ITERATIONS;
            return Answer.challenge(serverFirst.getBytes(StandardCharsets.UTF_8));
        }
        try {
            return verify(said);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private Answer verify(String clientFinal) throws GeneralSecurityException {
        int at = clientFinal.lastIndexOf(",p=");
        String withoutProof = clientFinal.substring(0, at);
        byte[] proof = Base64.getDecoder().decode(clientFinal.substring(at + 3));
        byte[] signed = (clientFirst + "," + serverFirst + "," + withoutProof).getBytes(StandardCharsets.UTF_8);
        byte[] salted = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                .generateSecret(new PBEKeySpec(password.toCharArray(), SALT, ITERATIONS, 256))
                .getEncoded();
        byte[] storedKey = sha256(hmac(salted, "Client Key"));
        byte[] signature = hmac(storedKey, signed);
        byte[] clientKey = new byte[proof.length];
        for (int i = 0; i < proof.length; i++) {
            clientKey[i] = (byte) (proof[i] ^ signature[i]);
        }
        if (!Arrays.equals(sha256(clientKey), storedKey)) {
            return Answer.refuse(ReasonCode.NOT_AUTHORIZED);
        }
        return Answer.accept(proving(hmac(hmac(salted, "Server Key"), signed)));
    }

    /** The last message, with what proves that the broker knows the password. */
    byte[] proving(byte[] signature) {
        return ("v=" + Base64.getEncoder().encodeToString(signature)).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] sha256(byte[] bytes) throws GeneralSecurityException {
        return MessageDigest.getInstance("SHA-256").digest(bytes);
    }

    private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
        return hmac(key, text.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] hmac(byte[] key, byte[] data) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(data);
    }
}
