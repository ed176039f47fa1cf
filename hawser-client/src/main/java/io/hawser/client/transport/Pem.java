package io.hawser.client.transport;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.KeySpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Reads certificates and keys from PEM text (RFC 7468). What stands between the blocks is skipped. Each refusal is an
 * {@link IllegalArgumentException} that says which text is wrong and how, and never quotes it.
 */
final class Pem {
    private static final String BEGIN = "-----BEGIN ";
    private static final String DASHES = "-----";
    private static final String CONVERT = "; convert it with: openssl pkcs8 -topk8 -in KEY -out KEY.pk8";

    private static final List<String> KEY_ALGORITHMS = List.of("RSA", "EC", "EdDSA", "RSASSA-PSS");

    /** DER of the version 0, and of the algorithm identifiers rsaEncryption with NULL and id-ecPublicKey. */
    private static final byte[] VERSION = {2, 1, 0};

    private static final byte[] RSA = {
        0x30, 13, 6, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 13, 1, 1, 1, 5, 0
    };
    private static final byte[] EC = {6, 7, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 2, 1};

    private record Block(String label, String body) {}

    private Pem() {}

    static List<X509Certificate> certificates(String what, byte[] pem) {
        List<X509Certificate> certificates = new ArrayList<>();
        for (Block block : blocks(what, pem)) {
            if (!block.label.endsWith("CERTIFICATE")) {
                continue;
            }
            String which = what + ": certificate " + (certificates.size() + 1);
            try {
                CertificateFactory factory = CertificateFactory.getInstance("X.509");
                certificates.add(
                        (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(decoded(which, block))));
            } catch (CertificateException e) {
                throw new IllegalArgumentException(which + " cannot be read: " + e.getMessage(), e);
            }
        }
        if (certificates.isEmpty()) {
            throw new IllegalArgumentException(what + ": no certificate in this PEM text, only keys or parameters");
        }
        return certificates;
    }

    static PrivateKey privateKey(byte[] pem, @Nullable String password) {
        for (Block block : blocks("private key", pem)) {
            if (!block.label.endsWith("PRIVATE KEY")) {
                continue;
            }
            if (block.body.contains("ENCRYPTED")) {
                throw new IllegalArgumentException(
                        "private key: encrypted in OpenSSL's old way, which is not PKCS#8" + CONVERT);
            }
            byte[] der = decoded("private key", block);
            return switch (block.label) {
                case "PRIVATE KEY" -> key(new PKCS8EncodedKeySpec(der));
                case "ENCRYPTED PRIVATE KEY" -> key(decrypted(der, password));
                case "RSA PRIVATE KEY" -> key(pkcs8(RSA, der));
                case "EC PRIVATE KEY" -> key(pkcs8(der(0x30, EC, curve(der)), der));
                default -> throw new IllegalArgumentException("private key: cannot read a " + block.label + CONVERT);
            };
        }
        throw new IllegalArgumentException("private key: no private key in this PEM text");
    }

    private static List<Block> blocks(String what, byte[] pem) {
        if (pem.length > 0 && pem[0] == 0x30) {
            throw new IllegalArgumentException(
                    what + ": is DER, not PEM; convert it with: openssl x509 (or pkey) -inform der -in FILE");
        }
        String text = new String(pem, StandardCharsets.ISO_8859_1);
        List<Block> blocks = new ArrayList<>();
        for (int at = text.indexOf(BEGIN); at >= 0; at = text.indexOf(BEGIN, at)) {
            int label = at + BEGIN.length();
            int labelEnd = text.indexOf(DASHES, label);
            String name = labelEnd < 0 ? "" : text.substring(label, labelEnd);
            String end = "-----END " + name + DASHES;
            int bodyEnd = labelEnd < 0 ? -1 : text.indexOf(end, labelEnd);
            if (bodyEnd < 0) {
                throw new IllegalArgumentException(
                        what + ": block " + (blocks.size() + 1) + " has no end; the PEM text is cut off");
            }
            blocks.add(new Block(name, text.substring(labelEnd + DASHES.length(), bodyEnd)));
            at = bodyEnd;
        }
        if (blocks.isEmpty()) {
            throw new IllegalArgumentException(what + ": not PEM, there is no line that starts with " + BEGIN.trim());
        }
        return blocks;
    }

    private static byte[] decoded(String which, Block block) {
        try {
            return Base64.getDecoder().decode(block.body.replaceAll("\\s", ""));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(which + " is not correct Base64", e);
        }
    }

    private static PrivateKey key(KeySpec spec) {
        for (String algorithm : KEY_ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (InvalidKeySpecException e) {
                // Not a key of this algorithm: the next may fit.
            } catch (GeneralSecurityException e) {
                throw new IllegalArgumentException("private key: " + e.getMessage(), e);
            }
        }
        throw new IllegalArgumentException("private key: damaged, or of a kind other than " + KEY_ALGORITHMS);
    }

    private static KeySpec decrypted(byte[] der, @Nullable String password) {
        if (password == null) {
            throw new IllegalArgumentException("private key: is encrypted, and no password was given");
        }
        try {
            EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(der);
            AlgorithmParameters parameters = info.getAlgParameters();
            // With PBES2 only the parameters know the full name of the algorithm.
            String algorithm = info.getAlgName().startsWith("PBES2") ? parameters.toString() : info.getAlgName();
            SecretKey secret =
                    SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(password.toCharArray()));
            Cipher cipher = Cipher.getInstance(algorithm);
            cipher.init(Cipher.DECRYPT_MODE, secret, parameters);
            return info.getKeySpec(cipher);
        } catch (InvalidKeySpecException e) {
            throw new IllegalArgumentException("private key: the password does not open it", e);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("private key: cannot be decrypted: " + e.getMessage(), e);
        }
    }

    private static KeySpec pkcs8(byte[] algorithm, byte[] key) {
        return new PKCS8EncodedKeySpec(der(0x30, VERSION, algorithm, der(4, key)));
    }

    private static byte[] der(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        int length = content.size();
        ByteArrayOutputStream element = new ByteArrayOutputStream(length + 4);
        element.write(tag);
        if (length >= 0x100) {
            element.write(0x82);
            element.write(length >> 8);
        } else if (length >= 0x80) {
            element.write(0x81);
        }
        element.write(length);
        element.writeBytes(content.toByteArray());
        return element.toByteArray();
    }

    /** The name of the curve in an ECPrivateKey of RFC 5915: SEQUENCE of version, key, [0] curve, ... */
    private static byte[] curve(byte[] der) {
        ByteBuffer in = ByteBuffer.wrap(der);
        try {
            content(in);
            while (true) {
                int tag = in.get(in.position()) & 0xff;
                ByteBuffer element = content(in);
                if (tag == 0xa0) {
                    byte[] name = new byte[element.remaining()];
                    element.get(name);
                    return name;
                }
                in.position(element.limit());
            }
        } catch (RuntimeException e) {
            throw new IllegalArgumentException("private key: does not name its curve" + CONVERT, e);
        }
    }

    /** Steps into the element at the position, and returns what it contains. */
    private static ByteBuffer content(ByteBuffer in) {
        in.get();
        int length = in.get() & 0xff;
        if (length > 0x80) {
            int bytes = length & 0x7f;
            length = 0;
            while (bytes-- > 0) {
                length = length << 8 | in.get() & 0xff;
            }
        }
        return in.duplicate().limit(in.position() + length);
    }
}
