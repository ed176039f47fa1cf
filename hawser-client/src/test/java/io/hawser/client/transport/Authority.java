package io.hawser.client.transport;

import io.hawser.client.transport.Material.Source;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.ocsp.OCSPObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.cert.ocsp.BasicOCSPResp;
import org.bouncycastle.cert.ocsp.BasicOCSPRespBuilder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPReq;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.RespID;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Issues certificates for one test run. */
final class Authority {
    private static final Duration DAY = Duration.ofDays(1);
    private static final AtomicLong SERIAL = new AtomicLong(1);

    /** A certificate and its key. */
    record Identity(X509Certificate certificate, KeyPair keys) {
        byte[] certificatePem() throws GeneralSecurityException {
            return pem("CERTIFICATE", certificate.getEncoded());
        }

        byte[] keyPem() {
            return pem("PRIVATE KEY", keys.getPrivate().getEncoded());
        }

        /** What a server needs to be this and to trust the given authority's clients. */
        SSLContext serverContext(Authority clients) throws Exception {
            char[] password = "irrelevant".toCharArray();
            KeyStore own = KeyStore.getInstance("PKCS12");
            own.load(null, null);
            own.setKeyEntry("own", keys.getPrivate(), password, new X509Certificate[] {certificate});
            KeyManagerFactory keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keyManagers.init(own, password);
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("clients", clients.root.certificate);
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keyManagers.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        }
    }

    /** All PEM; null for the platform's trust, and for no certificate of the client. */
    static TlsSettings settings(byte[] trusted, byte[] chain, byte[] key, String password, boolean verifiesHostName) {
        TlsSettings settings = new TlsSettings();
        settings.trusted = trusted == null ? null : Material.trusted(Source.of(trusted));
        settings.identity = chain == null ? null : Material.identity(Source.of(chain), Source.of(key), password);
        settings.verifiesHostName = verifiesHostName;
        return settings;
    }

    private final String name;
    private final Identity root;

    Authority(String name) throws Exception {
        this.name = name;
        KeyPair keys = ecKeys();
        root = issue(name, keys, keys, Duration.ofDays(10), true);
    }

    byte[] pem() throws GeneralSecurityException {
        return root.certificatePem();
    }

    X509Certificate certificate() {
        return root.certificate;
    }

    /** A list of these certificates as revoked, DER. */
    byte[] revoking(X509Certificate... revoked) throws Exception {
        X509v2CRLBuilder list = new X509v2CRLBuilder(
                new X500Name("CN=" + name), Date.from(Instant.now().minus(DAY)));
        list.setNextUpdate(Date.from(Instant.now().plus(DAY)));
        for (X509Certificate each : revoked) {
            list.addCRLEntry(
                    each.getSerialNumber(),
                    Date.from(Instant.now().minus(Duration.ofHours(1))),
                    CRLReason.keyCompromise);
        }
        return list.build(signer()).getEncoded();
    }

    /** Answers a question about one certificate, asked by OCSP. */
    byte[] ocspAnswer(byte[] asked, Identity revoked) {
        try {
            OCSPReq request = new OCSPReq(asked);
            CertificateID id = request.getRequestList()[0].getCertID();
            boolean isRevoked = revoked != null && id.getSerialNumber().equals(revoked.certificate.getSerialNumber());
            BasicOCSPRespBuilder answer = new BasicOCSPRespBuilder(new RespID(new X500Name("CN=" + name)));
            Extension nonce = request.getExtension(OCSPObjectIdentifiers.id_pkix_ocsp_nonce);
            if (nonce != null) {
                answer.setResponseExtensions(new Extensions(nonce));
            }
            answer.addResponse(
                    id, isRevoked ? new RevokedStatus(new Date(), CRLReason.keyCompromise) : CertificateStatus.GOOD);
            BasicOCSPResp basic = answer.build(
                    signer(), new X509CertificateHolder[] {new JcaX509CertificateHolder(root.certificate)}, new Date());
            return new OCSPRespBuilder()
                    .build(OCSPRespBuilder.SUCCESSFUL, basic)
                    .getEncoded();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private ContentSigner signer() throws Exception {
        return new JcaContentSignerBuilder("SHA256withECDSA").build(root.keys.getPrivate());
    }

    /** One that names where the list of revoked certificates is. */
    Identity issueListedAt(String url, String host) throws Exception {
        DistributionPointName at = new DistributionPointName(
                new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, url)));
        return issue(
                builder -> builder.addExtension(
                        Extension.cRLDistributionPoints,
                        false,
                        new CRLDistPoint(new DistributionPoint[] {new DistributionPoint(at, null, null)})),
                host);
    }

    /** One that names who answers whether it is revoked. */
    Identity issueAnsweredAt(String url, String host) throws Exception {
        return issue(
                builder -> builder.addExtension(
                        Extension.authorityInfoAccess,
                        false,
                        new AuthorityInformationAccess(
                                AccessDescription.id_ad_ocsp,
                                new GeneralName(GeneralName.uniformResourceIdentifier, url))),
                host);
    }

    private interface Addition {
        void to(X509v3CertificateBuilder builder) throws Exception;
    }

    private Identity issue(Addition addition, String host) throws Exception {
        return issue("listed", ecKeys(), root.keys, Duration.ofDays(10), false, addition, host);
    }

    Identity issue(String subject, String... names) throws Exception {
        return issue(subject, ecKeys(), root.keys, Duration.ofDays(10), false, names);
    }

    Identity issue(String subject, KeyPair keys) throws Exception {
        return issue(subject, keys, root.keys, Duration.ofDays(10), false);
    }

    Identity issueExpired(String subject, String... names) throws Exception {
        return issue(subject, ecKeys(), root.keys, DAY.negated(), false, names);
    }

    private Identity issue(
            String subject, KeyPair keys, KeyPair signer, Duration validFor, boolean authority, String... names)
            throws Exception {
        return issue(subject, keys, signer, validFor, authority, builder -> {}, names);
    }

    private Identity issue(
            String subject,
            KeyPair keys,
            KeyPair signer,
            Duration validFor,
            boolean authority,
            Addition addition,
            String... names)
            throws Exception {
        Instant now = Instant.now();
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                new X500Name("CN=" + name),
                BigInteger.valueOf(SERIAL.incrementAndGet()),
                Date.from(now.minus(DAY.multipliedBy(3))),
                Date.from(now.plus(validFor)),
                new X500Name("CN=" + subject),
                keys.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
        if (names.length > 0) {
            GeneralName[] alternatives = new GeneralName[names.length];
            for (int i = 0; i < names.length; i++) {
                boolean address = names[i].chars().allMatch(c -> c == '.' || Character.isDigit(c));
                alternatives[i] = new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, names[i]);
            }
            builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(alternatives));
        }
        addition.to(builder);
        X509Certificate certificate = new JcaX509CertificateConverter()
                .getCertificate(
                        builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate())));
        return new Identity(certificate, keys);
    }

    static KeyPair ecKeys() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    static KeyPair rsaKeys() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return generator.generateKeyPair();
    }

    static byte[] pem(String label, byte[] der) {
        return ("-----BEGIN " + label + "-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                        + "\n-----END " + label + "-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }
}
