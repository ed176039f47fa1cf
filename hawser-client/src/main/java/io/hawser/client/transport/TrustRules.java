package io.hawser.client.transport;

import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.KeyStore;
import java.security.cert.CRL;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.PKIXRevocationChecker.Option;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * By which rules a server is trusted; equal if the rules are.
 *
 * @param given whether other authorities than the platform's were given
 * @param platformToo whether the platform's count beside them
 * @param verifies whether anything is verified at all
 * @param revocation how revoked certificates are found out, or null if they are not
 * @param lists the revocation lists that were given, each in PEM or DER
 */
record TrustRules(
        boolean given,
        boolean platformToo,
        boolean verifies,
        Pins pins,
        @Nullable Set<Option> revocation,
        List<ByteBuffer> lists) {

    /**
     * Written out, and {@link #hashCode} with it, because the JDK's own for records keeps the class that was compared last for
     * ever, and with it the class loader of an application that is gone.
     */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TrustRules that
                && given == that.given
                && platformToo == that.platformToo
                && verifies == that.verifies
                && pins.keys().equals(that.pins.keys())
                && pins.certificates().equals(that.pins.certificates())
                && Objects.equals(revocation, that.revocation)
                && lists.equals(that.lists);
    }

    @Override
    public int hashCode() {
        return Objects.hash(given, platformToo, verifies, pins.keys(), pins.certificates(), revocation, lists);
    }

    /** Reads the files of revocation lists. */
    static TrustRules of(TlsSettings settings) {
        List<ByteBuffer> lists = new ArrayList<>();
        for (Material.Source list : settings.revocationLists) {
            lists.add(ByteBuffer.wrap(list.read()));
        }
        return new TrustRules(
                settings.trusted != null,
                settings.trustsPlatformToo,
                settings.verifies,
                settings.pins,
                settings.revocation,
                lists);
    }

    /**
     * The trust manager.
     *
     * @param store whom to trust, or null for the platform's trust store
     */
    TrustManager trust(@Nullable KeyStore store) throws GeneralSecurityException {
        return verifies ? new ServerTrust(jdk(store), pins, among()) : NoTrust.INSTANCE;
    }

    private String among() {
        if (!given) {
            return "not in the platform's trust store";
        }
        return platformToo
                ? "neither among the trusted certificates nor in the platform's trust store"
                : "not among the trusted certificates";
    }

    private X509ExtendedTrustManager jdk(@Nullable KeyStore store) throws GeneralSecurityException {
        boolean withPlatform = store == null ? revocation != null : platformToo;
        KeyStore all = withPlatform ? withPlatform(store) : store;
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        if (revocation == null || all == null) {
            factory.init(all);
        } else {
            factory.init(new CertPathTrustManagerParameters(checking(all, revocation)));
        }
        return manager(factory);
    }

    private static KeyStore withPlatform(@Nullable KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init((KeyStore) null);
        List<X509Certificate> all = new ArrayList<>(List.of(manager(factory).getAcceptedIssuers()));
        if (store != null) {
            TrustManagerFactory own = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            own.init(store);
            all.addAll(List.of(manager(own).getAcceptedIssuers()));
        }
        return Material.storeOf(all);
    }

    private PKIXBuilderParameters checking(KeyStore anchors, Set<Option> options) throws GeneralSecurityException {
        PKIXBuilderParameters parameters;
        try {
            parameters = new PKIXBuilderParameters(anchors, new X509CertSelector());
        } catch (InvalidAlgorithmParameterException e) {
            throw new IllegalArgumentException("key store: has no certificate to trust", e);
        }
        PKIXRevocationChecker checker =
                (PKIXRevocationChecker) CertPathBuilder.getInstance("PKIX").getRevocationChecker();
        Set<Option> chosen = EnumSet.noneOf(Option.class);
        chosen.addAll(options);
        if (!lists.isEmpty()) {
            chosen.add(Option.PREFER_CRLS);
            parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(crls())));
        }
        checker.setOptions(chosen);
        parameters.addCertPathChecker(checker);
        return parameters;
    }

    private List<CRL> crls() {
        List<CRL> all = new ArrayList<>();
        for (ByteBuffer list : lists) {
            try {
                all.addAll(CertificateFactory.getInstance("X.509")
                        .generateCRLs(new ByteArrayInputStream(Material.bytes(list))));
            } catch (GeneralSecurityException e) {
                throw new IllegalArgumentException("revocation list: cannot be read: " + e.getMessage(), e);
            }
        }
        if (all.isEmpty()) {
            throw new IllegalArgumentException("revocation list: there is none in what was given");
        }
        return all;
    }

    private static X509ExtendedTrustManager manager(TrustManagerFactory factory) throws GeneralSecurityException {
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager found) {
                return found;
            }
        }
        throw new GeneralSecurityException("the platform has no trust manager for X.509 certificates");
    }
}
