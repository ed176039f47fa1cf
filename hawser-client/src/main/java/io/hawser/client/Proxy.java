package io.hawser.client;

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
 * A proxy through which servers are reached. It looks up the names of servers itself: this machine needs no DNS for them. TLS and
 * WebSocket are between this client and the server; the proxy only passes them on.
 *
 * <p>Immutable. Credentials are never shown. They go to the proxy in the clear, as all of these protocols have it.
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

    /** An HTTP proxy that makes tunnels (CONNECT, RFC 9110). It must allow them to the server's port. */
    public static Proxy http(String host, int port) {
        return of(ProxySettings.Kind.HTTP, host, port);
    }

    /** A SOCKS4 proxy with the extension 4a. It knows no IPv6 addresses and no passwords. */
    public static Proxy socks4(String host, int port) {
        return of(ProxySettings.Kind.SOCKS4, host, port);
    }

    /** A SOCKS5 proxy (RFC 1928). */
    public static Proxy socks5(String host, int port) {
        return of(ProxySettings.Kind.SOCKS5, host, port);
    }

    /** The default: no proxy. */
    public static Proxy none() {
        return NONE;
    }

    /**
     * The proxy that the JVM's {@link ProxySelector} names for a server, asked before every attempt to connect; none where that names none.
     * It is asked for {@code http} and {@code https} URLs where the server's are {@code ws} and {@code wss}, else, as by the JDK's sockets,
     * for {@code socket} URLs. By default it follows the system properties {@code https.proxyHost}, {@code socksProxyHost} and so on.
     */
    public static Proxy system() {
        return new Proxy(null, true, null, null);
    }

    /**
     * The proxy that a URL names: {@code http://[user[:password]@]host:port}, {@code socks4://[user@]host[:port]} or
     * {@code socks5://[user[:password]@]host[:port]}, with 1080 for SOCKS unless given. In user and password, {@code %} and two hexadecimal
     * digits stand for a byte of UTF-8.
     *
     * @throws IllegalArgumentException if it is none of these; without what may be secret in it
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
        if (Authority.parse(host).host().isEmpty() && host.indexOf(':') < 0) {
            throw new IllegalArgumentException("proxy host is no valid host");
        }
        return new Proxy(new ProxySettings(kind, host, port, null, null), false, null, null);
    }

    /**
     * This with credentials.
     *
     * @throws IllegalArgumentException if the proxy's protocol cannot say them: the user of an HTTP proxy has no colon, SOCKS5 has room for
     *     1 to 255 bytes each, SOCKS4 knows a user only; none of them allows control characters
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

    /** What an attempt to reach this server uses; null for none. May block if it is the system's. */
    @Nullable
    ProxySettings settings(URI server) {
        return system ? selected(server) : settings;
    }

    private @Nullable ProxySettings selected(URI server) {
        ProxySelector selector = ProxySelector.getDefault();
        List<java.net.Proxy> found = selector == null ? List.of() : selector.select(server);
        // The first that is named is used, be it none.
        java.net.Proxy first = found.isEmpty() ? java.net.Proxy.NO_PROXY : found.get(0);
        if (!(first.address() instanceof InetSocketAddress address)) {
            return null;
        }
        ProxySettings.Kind kind =
                first.type() == java.net.Proxy.Type.HTTP ? ProxySettings.Kind.HTTP : ProxySettings.Kind.SOCKS5;
        ProxySettings chosen = new ProxySettings(kind, address.getHostString(), address.getPort(), user, password);
        chosen.requireSendable();
        return chosen;
    }

    /** Never the credentials. */
    @Override
    public String toString() {
        return settings != null ? settings.toString() : system ? "the system's proxy" : "no proxy";
    }
}
