package io.hawser.client.transport;

import java.security.cert.PKIXRevocationChecker.Option;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** How TLS is to be done: the options with their defaults, which {@code Tls} sets and checks. Nobody changes one that a connection uses. */
public final class TlsSettings {
    /** Makes the engines, and brings keys and trust with it; null to make one from all that follows. */
    public @Nullable SSLContext context;

    /** Whom to trust; null for the platform's trust store. */
    public @Nullable Material trusted;

    /** Whether the platform's trust store counts beside {@link #trusted}. */
    public boolean trustsPlatformToo;

    /** This client's certificate and key, or null to present none. */
    public @Nullable Material identity;

    /** Whether the server's certificate must be for the host that was asked for. */
    public boolean verifiesHostName = true;

    /** Whether the server is verified at all. */
    public boolean verifies = true;

    public Pins pins = Pins.NONE;
    /** Whether certificates may be revoked, and how that is found out; null to not ask. */
    public @Nullable Set<Option> revocation;

    /** Lists of revoked certificates. */
    public List<Material.Source> revocationLists = List.of();

    public List<String> protocols = TlsContexts.PROTOCOLS;
    /** In the order of preference; empty for those of the JDK. */
    public List<String> cipherSuites = List.of();

    /** What is offered by ALPN, in the order of preference. */
    public List<String> applicationProtocols = List.of();

    /** The defaults. */
    public TlsSettings() {}

    /** All as it is now. */
    public TlsSettings copy() {
        TlsSettings copy = new TlsSettings();
        copy.context = context;
        copy.trusted = trusted;
        copy.trustsPlatformToo = trustsPlatformToo;
        copy.identity = identity;
        copy.verifiesHostName = verifiesHostName;
        copy.verifies = verifies;
        copy.pins = pins;
        copy.revocation = revocation;
        copy.revocationLists = revocationLists;
        copy.protocols = protocols;
        copy.cipherSuites = cipherSuites;
        copy.applicationProtocols = applicationProtocols;
        return copy;
    }

    /**
     * Reads the material, so that a mistake in it shows before the first connection. May read files, the platform's trust store among
     * them.
     *
     * @throws IllegalArgumentException saying which option is wrong and how
     */
    public void validate() {
        TlsContexts.of(this);
    }

    /** Names no material: a key must not end up in a log. */
    @Override
    public String toString() {
        List<String> words = new ArrayList<>();
        if (context != null) {
            words.add("given context");
        } else if (!verifies) {
            words.add("no verification");
        } else if (trusted == null) {
            words.add("platform trust");
        } else {
            words.add(trustsPlatformToo ? "given and platform trust" : "given trust");
        }
        say(words, "client certificate", identity != null);
        say(words, "any host name", !verifiesHostName && verifies);
        say(words, "pinned", pins.areGiven());
        say(words, "revocation", revocation != null);
        say(words, String.join(" ", protocols), !new HashSet<>(protocols).equals(new HashSet<>(TlsContexts.PROTOCOLS)));
        say(words, "given cipher suites", !cipherSuites.isEmpty());
        say(words, "ALPN " + String.join(" ", applicationProtocols), !applicationProtocols.isEmpty());
        return "TlsSettings[" + String.join(", ", words) + "]";
    }

    private static void say(List<String> words, String word, boolean applies) {
        if (applies) {
            words.add(word);
        }
    }
}
