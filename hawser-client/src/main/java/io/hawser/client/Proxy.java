package io.hawser.client;

import io.hawser.client.transport.Addresses;
import io.hawser.client.transport.ProxySettings;
import io.hawser.text.Authority;
import io.hawser.text.Urls;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A proxy through which servers are reached. The proxy looks up the names of servers: this machine needs no DNS for
 * them. TLS and WebSocket are between this client and the server; the proxy only passes bytes.
 *
 * <p>Immutable. Credentials are never shown. They go to the proxy in clear text, as all of these protocols define it.
 */
public final class Proxy {
    private static final Proxy NONE = new Proxy(null, false, null, null);

    private final @Nullable ProxySettings settings;
    private final boolean system;
    private final @Nullable String user;
    private final @Nullable String password;

    private Proxy(@Nullable ProxySettings settings, boolean system, @Nullable String user, @Nullable String password) {
        this.settings = settings;
        this.system = system;
        this.user = user;
        this.password = password;
    }

    /** An HTTP proxy with tunnels (CONNECT, RFC 9110). It must allow tunnels to the server's port. */
    public static Proxy http(String host, int port) {
        return of(ProxySettings.Kind.HTTP, host, port);
    }

    /** A SOCKS4 proxy with the extension 4a. SOCKS4 has no IPv6 addresses and no passwords. */
    public static Proxy socks4(String host, int port) {
        return of(ProxySettings.Kind.SOCKS4, host, port);
    }

    /** A SOCKS5 proxy (RFC 1928). */
    public static Proxy socks5(String host, int port) {
        return of(ProxySettings.Kind.SOCKS5, host, port);
    }

    /** No proxy: the default. */
    public static Proxy none() {
        return NONE;
    }

    /**
     * The proxy that the JVM's {@link ProxySelector} names for a server, asked before every attempt to connect; no
     * proxy if the selector names none. The selector is asked for an {@code http} URL for {@code ws} servers, an
     * {@code https} URL for {@code wss} servers, and otherwise, as by the JDK's sockets, for a {@code socket} URL. The
     * JDK's selector follows the system properties {@code https.proxyHost}, {@code socksProxyHost} and so on.
     */
    public static Proxy system() {
        return new Proxy(null, true, null, null);
    }

    /**
     * The proxy that a URL names: {@code http://[user[:password]@]host:port}, {@code socks4://[user@]host[:port]} or
     * {@code socks5://[user[:password]@]host[:port]}, by default with port 1080 for SOCKS. In user and password,
     * {@code %} and two hexadecimal digits stand for a byte of UTF-8.
     *
     * @throws IllegalArgumentException if the URL has none of these forms; the message leaves out what may be secret
     */
    public static Proxy parse(String url) {
        int scheme = url.indexOf("://");
        String rest = scheme < 0 ? "" : url.substring(scheme + 3);
        Authority authority = Authority.parse(rest.endsWith("/") ? rest.substring(0, rest.length() - 1) : rest);
        String name = scheme < 0 ? "" : url.substring(0, scheme).toLowerCase(Locale.ROOT);
        ProxySettings.Kind kind = switch (name) {
            case "http" -> ProxySettings.Kind.HTTP;
            case "socks4", "socks4a" -> ProxySettings.Kind.SOCKS4;
            case "socks5", "socks5h" -> ProxySettings.Kind.SOCKS5;
            default -> throw bad(url, "must begin with http://, socks4:// or socks5://");
        };
        int port = authority.port(kind == ProxySettings.Kind.HTTP ? 0 : 1080);
        if (authority.host().isEmpty() || authority.host().indexOf('/') >= 0 || port == 0) {
            throw bad(url, "has no valid host and port; in user and password, / is written as %2F, @ as %40, % as %25");
        }
        Proxy proxy = of(kind, authority.host(), port);
        String information = authority.user();
        if (information == null) {
            return proxy;
        }
        int colon = information.indexOf(':');
        try {
            return proxy.with(
                    decoded(colon < 0 ? information : information.substring(0, colon)),
                    colon < 0 ? null : decoded(information.substring(colon + 1)));
        } catch (IllegalArgumentException e) {
            throw bad(url, "has no valid user and password: " + e.getMessage());
        }
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("a % is not followed by two hexadecimal digits", e);
        }
    }

    private static IllegalArgumentException bad(String url, String why) {
        return new IllegalArgumentException("proxy '" + Urls.withoutSecrets(url) + "' " + why);
    }

    private static Proxy of(ProxySettings.Kind kind, String host, int port) {
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("proxy port is " + port + ", must be 1 to 65535");
        }
        if (!Addresses.isHost(host)) {
            // The host is not shown: it may be a whole URL, with a password in it.
            throw new IllegalArgumentException(
                    "proxy host is neither a name nor an address; credentials are given by withCredentials");
        }
        return new Proxy(new ProxySettings(kind, host, port, null, null), false, null, null);
    }

    /**
     * This proxy with credentials.
     *
     * @throws IllegalArgumentException if the proxy's protocol cannot carry them: the user of an HTTP proxy has no
     *     colon, user and password of SOCKS5 have 1 to 255 bytes each, SOCKS4 takes a user only; none of them allows
     *     control characters; or if there is no proxy
     */
    public Proxy withCredentials(String user, String password) {
        return with(Objects.requireNonNull(user, "user"), Objects.requireNonNull(password, "password"));
    }

    private Proxy with(String newUser, @Nullable String newPassword) {
        ProxySettings given = settings;
        if (given == null) {
            if (!system) {
                throw new IllegalArgumentException("without a proxy there are no credentials for one");
            }
            return new Proxy(null, true, newUser, newPassword);
        }
        ProxySettings identified = new ProxySettings(given.kind(), given.host(), given.port(), newUser, newPassword);
        identified.requireSendable();
        return new Proxy(identified, false, newUser, newPassword);
    }

    boolean isSystem() {
        return system;
    }

    /**
     * The proxy for one attempt to reach this server; null for none. May block if the selector of {@link #system} does.
     */
    @Nullable
    ProxySettings settings(URI server) {
        return system ? selected(server) : settings;
    }

    private @Nullable ProxySettings selected(URI server) {
        ProxySelector selector = ProxySelector.getDefault();
        List<java.net.Proxy> found = selector == null ? List.of() : selector.select(server);
        // The first proxy that the selector names is used, even if it means no proxy.
        java.net.Proxy first = found.isEmpty() ? java.net.Proxy.NO_PROXY : found.get(0);
        if (!(first.address() instanceof InetSocketAddress address)) {
            return null;
        }
        ProxySettings.Kind kind =
                first.type() == java.net.Proxy.Type.HTTP ? ProxySettings.Kind.HTTP : ProxySettings.Kind.SOCKS5;
        if (!Addresses.isHost(address.getHostString())) {
            throw new IllegalArgumentException("the proxy that the system names has no valid host");
        }
        ProxySettings chosen = new ProxySettings(kind, address.getHostString(), address.getPort(), user, password);
        chosen.requireSendable();
        return chosen;
    }

    /** The proxy without its credentials. */
    @Override
    public String toString() {
        return settings != null ? settings.toString() : system ? "the system's proxy" : "no proxy";
    }
}
