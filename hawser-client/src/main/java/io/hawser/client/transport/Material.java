package io.hawser.client.transport;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.UnrecoverableKeyException;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Certificates, perhaps with a key, from wherever they are. What is in files is read for each attempt to connect, so that what has
 * been replaced counts from the next attempt on.
 */
public abstract class Material {
    /** The store of a key lives in memory, and is written nowhere. */
    private static final char[] NO_PASSWORD = {};

    private static final byte[] JKS = {(byte) 0xfe, (byte) 0xed, (byte) 0xfe, (byte) 0xed};

    /** Bytes that are in memory or in a file. */
    @FunctionalInterface
    public interface Source {
        /**
         * Reads all.
         *
         * @throws UncheckedIOException if the file cannot be read, saying which
         */
        byte[] read();

        /** The bytes of a file. */
        static Source file(Path file) {
            return () -> {
                try {
                    return Files.readAllBytes(file);
                } catch (IOException e) {
                    throw new UncheckedIOException("TLS file " + file + " cannot be read: " + e.getMessage(), e);
                }
            };
        }

        /** These bytes, copied. */
        static Source of(byte[] bytes) {
            byte[] copy = bytes.clone();
            return () -> copy;
        }
    }

    Material() {}

    /** What it is made of, files read anew: equal to what was read before if nothing has changed. */
    abstract List<Object> read();

    /**
     * The certificates and keys as the JDK wants them.
     *
     * @throws IllegalArgumentException saying what is wrong with them
     */
    abstract KeyStore store(List<Object> read) throws GeneralSecurityException;

    /** What opens the keys in the store. */
    char[] keyPassword() {
        return NO_PASSWORD;
    }

    /** Certificates to trust, in PEM text. */
    public static Material trusted(Source pem) {
        return new Material() {
            @Override
            List<Object> read() {
                return List.of(ByteBuffer.wrap(pem.read()));
            }

            @Override
            KeyStore store(List<Object> read) throws GeneralSecurityException {
                return storeOf(Pem.certificates("trusted certificates", bytes(read.get(0))));
            }
        };
    }

    /** A certificate, its issuers if any, and its key, in PEM text. */
    public static Material identity(Source certificateChain, Source privateKey, @Nullable String password) {
        return new Material() {
            @Override
            List<Object> read() {
                return List.of(
                        ByteBuffer.wrap(certificateChain.read()),
                        ByteBuffer.wrap(privateKey.read()),
                        String.valueOf(password));
            }

            @Override
            KeyStore store(List<Object> read) throws GeneralSecurityException {
                List<X509Certificate> chain = Pem.certificates("client certificate", bytes(read.get(0)));
                PrivateKey key = Pem.privateKey(bytes(read.get(1)), password);
                if (!belongs(key, chain.get(0).getPublicKey())) {
                    throw new IllegalArgumentException("private key: does not belong to the client certificate of "
                            + chain.get(0).getSubjectX500Principal());
                }
                KeyStore store = storeOf(List.of());
                store.setKeyEntry("client", key, NO_PASSWORD, chain.toArray(new X509Certificate[0]));
                return store;
            }
        };
    }

    /** A file in PKCS#12 or JKS. */
    public static Material storeFile(Path file, String password) {
        Source source = Source.file(file);
        char[] opens = password.toCharArray();
        return new Material() {
            @Override
            List<Object> read() {
                return List.of(ByteBuffer.wrap(source.read()), password);
            }

            @Override
            KeyStore store(List<Object> read) throws GeneralSecurityException {
                byte[] bytes = bytes(read.get(0));
                boolean jks = bytes.length > JKS.length
                        && ByteBuffer.wrap(bytes, 0, JKS.length).equals(ByteBuffer.wrap(JKS));
                KeyStore store = KeyStore.getInstance(jks ? "JKS" : "PKCS12");
                try {
                    store.load(new ByteArrayInputStream(bytes), opens);
                } catch (IOException e) {
                    throw new IllegalArgumentException(
                            "key store " + file
                                    + (e.getCause() instanceof UnrecoverableKeyException
                                            ? ": the password does not open it"
                                            : ": is neither PKCS#12 nor JKS, or damaged: " + e.getMessage()),
                            e);
                }
                return store;
            }

            @Override
            char[] keyPassword() {
                return opens;
            }
        };
    }

    /** A store that the program has loaded, such as one in hardware. */
    public static Material store(KeyStore store, char[] keyPassword) {
        char[] opens = keyPassword.clone();
        return new Material() {
            @Override
            List<Object> read() {
                return List.of(store);
            }

            @Override
            KeyStore store(List<Object> read) {
                return store;
            }

            @Override
            char[] keyPassword() {
                return opens;
            }
        };
    }

    /** The store, which must have a key with a certificate. */
    KeyStore identityStore(List<Object> read) throws GeneralSecurityException {
        KeyStore store = store(read);
        boolean found = false;
        for (String alias : Collections.list(aliases(store))) {
            found |= store.isKeyEntry(alias) && store.getCertificate(alias) != null;
        }
        if (!found) {
            throw new IllegalArgumentException("key store: has no private key with a certificate");
        }
        return store;
    }

    /** The store, which must have a certificate. */
    KeyStore trustStore(List<Object> read) throws GeneralSecurityException {
        KeyStore store = store(read);
        if (!aliases(store).hasMoreElements()) {
            throw new IllegalArgumentException("key store: has no certificate to trust");
        }
        return store;
    }

    private static java.util.Enumeration<String> aliases(KeyStore store) {
        try {
            return store.aliases();
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("key store: is not loaded; call KeyStore.load first", e);
        }
    }

    static KeyStore storeOf(List<X509Certificate> certificates) throws GeneralSecurityException {
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

    static byte[] bytes(Object read) {
        return ((ByteBuffer) read).array();
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
}
