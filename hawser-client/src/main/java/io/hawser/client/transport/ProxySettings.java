package io.hawser.client.transport;

import io.hawser.text.Utf8;
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
    /** Proxies take 8 KiB of headers or more, and tokens for them are shorter. */
    private static final int MOST_CHARACTERS = 4096;

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
        if (Utf8.firstUnwelcome(name + secret) >= 0) {
            throw new IllegalArgumentException("user and password for a proxy must have no control characters");
        }
        if (!isUnicode(name) || !isUnicode(secret)) {
            throw new IllegalArgumentException("user and password for a proxy must be well-formed: no half surrogates");
        }
        if (name.length() > MOST_CHARACTERS || secret.length() > MOST_CHARACTERS) {
            throw new IllegalArgumentException(
                    "user and password for a proxy must have at most " + MOST_CHARACTERS + " characters each");
        }
        if (kind == Kind.SOCKS4 && bytes(name) > 255) {
            throw new IllegalArgumentException("the user for a SOCKS4 proxy must have at most 255 bytes");
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

    private static boolean isUnicode(String text) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static boolean isShort(String text) {
        return bytes(text) >= 1 && bytes(text) <= 255;
    }

    /** The proxy in words, for failures. */
    String name() {
        return kind.words + " " + Failures.name(host, port);
    }

    /** What is to be said to the proxy so that it connects to this server, which it looks up itself. */
    ProxyDialogue dialogue(String serverHost, int serverPort, Secrets secrets) {
        return switch (kind) {
            case HTTP -> new HttpConnect(serverHost, serverPort, user, password, secrets);
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
