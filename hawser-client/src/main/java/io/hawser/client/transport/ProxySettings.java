package io.hawser.client.transport;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A proxy on the way to the server.
 *
 * @param host a name, which is looked up here, or an address, IPv6 without brackets
 * @param user null if the proxy is told no credentials
 * @param password null without a user, and where the proxy wants none
 */
public record ProxySettings(
        Kind kind,
        String host,
        int port,
        @Nullable String user,
        @Nullable String password) {
    /** How the proxy is spoken to. */
    public enum Kind {
        HTTP("HTTP proxy"),
        SOCKS4("SOCKS4a proxy"),
        SOCKS5("SOCKS5 proxy");

        private final String words;

        Kind(String words) {
            this.words = words;
        }
    }

    /** @throws IllegalArgumentException if the proxy's protocol cannot say these credentials; without them */
    public void requireSendable() {
        String name = user;
        if (name == null) {
            return;
        }
        String secret = password == null ? "" : password;
        if ((name + secret).chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
            throw new IllegalArgumentException("user and password for a proxy must have no control characters");
        }
        if (kind == Kind.HTTP && name.indexOf(':') >= 0) {
            throw new IllegalArgumentException("the user for an HTTP proxy must have no colon");
        }
        if (kind == Kind.SOCKS4 && password != null) {
            throw new IllegalArgumentException("SOCKS4 knows a user and no password");
        }
        if (kind == Kind.SOCKS5 && !(isShort(name) && isShort(secret))) {
            throw new IllegalArgumentException("user and password for a SOCKS5 proxy must have 1 to 255 bytes");
        }
    }

    private static boolean isShort(String text) {
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        return bytes >= 1 && bytes <= 255;
    }

    /** The proxy in words, for failures. */
    String name() {
        return kind.words + " " + Failures.name(host, port);
    }

    /** What is to be said to the proxy so that it connects to this server, which it looks up itself. */
    ProxyDialogue dialogue(String serverHost, int serverPort) {
        return switch (kind) {
            case HTTP -> new HttpConnect(serverHost, serverPort, user, password);
            case SOCKS4 -> new Socks4(serverHost, serverPort, user);
            case SOCKS5 -> new Socks5(serverHost, serverPort, user, password);
        };
    }

    /** Never the credentials. */
    @Override
    public String toString() {
        return name();
    }
}
