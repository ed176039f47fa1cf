package io.hawser.client.transport;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.hawser.client.transport.Authority.Identity;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Arrays;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.util.io.pem.PemWriter;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TlsSettingsTest {
    private static final String CONVERT = "openssl pkcs8 -topk8 -in KEY -out KEY.pk8";

    private static Authority authority;
    private static Identity ec;
    private static Identity rsa;

    @BeforeAll
    static void found() throws Exception {
        authority = new Authority("Test Authority");
        ec = authority.issue("ec");
        rsa = authority.issue("rsa", Authority.rsaKeys());
    }

    private static void validate(byte[] trusted, byte[] chain, byte[] key, String password) {
        Authority.settings(trusted, chain, key, password, true).validate();
    }

    private static void assertRefused(byte[] trusted, byte[] chain, byte[] key, String password, String... texts) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> validate(trusted, chain, key, password))
                .satisfies(e -> org.assertj.core.api.Assertions.assertThat(e.getMessage())
                        .contains(texts));
    }

    private static void assertAccepted(Identity identity, byte[] key, String password) {
        assertThatCode(() -> validate(null, identity.certificatePem(), key, password))
                .doesNotThrowAnyException();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static byte[] encrypted(KeyPair keys, String password) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (PemWriter writer = new PemWriter(new java.io.OutputStreamWriter(out, StandardCharsets.US_ASCII))) {
            writer.writeObject(new JcaPKCS8Generator(
                            keys.getPrivate(),
                            new JceOpenSSLPKCS8EncryptorBuilder(JcaPKCS8Generator.AES_256_CBC)
                                    .setProvider(new BouncyCastleProvider())
                                    .setPRF(JcaPKCS8Generator.PRF_HMACSHA256)
                                    .setPassword(password.toCharArray())
                                    .build())
                    .generate());
        }
        return out.toByteArray();
    }

    @Test
    void acceptsNothingGivenAndSeveralCertificatesWithCommentsBetween() throws Exception {
        validate(null, null, null, null);
        validate(
                joined(ascii("# the root\n"), authority.pem(), ascii("\nsubject=other\n"), authority.pem()),
                null,
                null,
                null);
        validate(ascii(new String(authority.pem(), StandardCharsets.US_ASCII).replace("\n", "\r\n")), null, null, null);
    }

    @Test
    void acceptsEveryUsualFormOfKey() throws Exception {
        assertAccepted(ec, ec.keyPem(), null);
        assertAccepted(rsa, rsa.keyPem(), null);
        assertAccepted(ec, ec.keyPem(), "not needed");
        KeyPair edwards = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        Identity ed = authority.issue("ed", edwards);
        assertAccepted(ed, ed.keyPem(), null);
    }

    @Test
    void acceptsEncryptedKeys() throws Exception {
        assertAccepted(ec, encrypted(ec.keys(), "secret"), "secret");
        assertAccepted(rsa, encrypted(rsa.keys(), "secret"), "secret");
    }

    @Test
    void acceptsTheOlderFormsThatOpensslAndCloudProvidersWrite() throws Exception {
        byte[] pkcs1 = inner(rsa.keys());
        assertAccepted(rsa, Authority.pem("RSA PRIVATE KEY", pkcs1), null);

        byte[] sec1 = org.bouncycastle.asn1.sec.ECPrivateKey.getInstance(inner(ec.keys()))
                .getEncoded();
        java.math.BigInteger secret =
                ((java.security.interfaces.ECPrivateKey) ec.keys().getPrivate()).getS();
        byte[] named = new org.bouncycastle.asn1.sec.ECPrivateKey(
                        256,
                        secret,
                        PrivateKeyInfo.getInstance(ec.keys().getPrivate().getEncoded())
                                .getPrivateKeyAlgorithm()
                                .getParameters())
                .getEncoded();
        assertAccepted(
                ec,
                joined(
                        ascii("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"),
                        Authority.pem("EC PRIVATE KEY", named)),
                null);
        assertRefused(null, ec.certificatePem(), Authority.pem("EC PRIVATE KEY", sec1), null, "curve", CONVERT);
    }

    /** What PKCS#8 wraps: a PKCS#1 or SEC 1 key. */
    private static byte[] inner(KeyPair keys) throws Exception {
        return PrivateKeyInfo.getInstance(keys.getPrivate().getEncoded())
                .parsePrivateKey()
                .toASN1Primitive()
                .getEncoded();
    }

    @Test
    void namesWhatIsWrongWithCertificates() throws Exception {
        assertRefused(ascii("hello"), null, null, null, "trusted certificates: not PEM");
        assertRefused(new byte[0], null, null, null, "trusted certificates: not PEM");
        assertRefused(ec.certificate().getEncoded(), null, null, null, "trusted certificates: is DER, not PEM");
        assertRefused(ec.keyPem(), null, null, null, "trusted certificates: no certificate");
        assertRefused(
                joined(authority.pem(), Authority.pem("CERTIFICATE", new byte[] {0x30, 3, 1, 2, 3})),
                null,
                null,
                null,
                "trusted certificates: certificate 2 cannot be read");
        assertRefused(
                Arrays.copyOf(authority.pem(), 200), null, null, null, "trusted certificates: block 1 has no end");
        assertRefused(
                ascii("-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n"),
                null,
                null,
                null,
                "trusted certificates: certificate 1 is not correct Base64");
        assertRefused(null, ec.keyPem(), ec.keyPem(), null, "client certificate: no certificate");
    }

    @Test
    void namesWhatIsWrongWithKeys() throws Exception {
        byte[] chain = ec.certificatePem();
        assertRefused(null, chain, chain, null, "private key: no private key");
        assertRefused(null, chain, Authority.pem("PRIVATE KEY", new byte[] {0x30, 0}), null, "private key: damaged");
        assertRefused(
                null,
                chain,
                Authority.pem("DSA PRIVATE KEY", new byte[] {0x30, 0}),
                null,
                "private key: cannot read a DSA PRIVATE KEY",
                CONVERT);
        assertRefused(null, chain, encrypted(ec.keys(), "secret"), null, "private key: is encrypted, and no password");
        assertRefused(
                null, chain, encrypted(ec.keys(), "secret"), "wrong", "private key: the password does not open it");
        assertRefused(
                null,
                chain,
                ascii("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n"
                        + "-----END RSA PRIVATE KEY-----\n"),
                "secret",
                "private key: encrypted in OpenSSL's old way",
                CONVERT);
    }

    @Test
    void refusesKeysOfOthers() throws Exception {
        assertRefused(null, ec.certificatePem(), rsa.keyPem(), null, "private key: does not belong", "CN=ec");
        assertRefused(
                null, ec.certificatePem(), authority.issue("other").keyPem(), null, "private key: does not belong");
    }

    @Test
    void quotesNoSecretInAnyRefusal() throws Exception {
        byte[] key = encrypted(ec.keys(), "secret");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> validate(null, ec.certificatePem(), key, "hunter2"))
                .satisfies(e -> org.assertj.core.api.Assertions.assertThat(e).hasMessageNotContaining("hunter2"));
    }
}
