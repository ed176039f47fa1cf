package io.hawser.client;

import io.hawser.client.transport.HttpText;
import io.hawser.client.transport.WebSocketSettings;
import io.hawser.text.Utf8;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What the request for a WebSocket says to {@code ws} and {@code wss} servers: by default the path of the server's URL
 * ({@code /mqtt} where that has none), no headers of the program's, and the subprotocol {@code mqtt} [MQTT-6.0.0-3].
 *
 * <p>Immutable. Neither the query nor the values of headers are ever shown.
 */
public final class WebSocket {
    /** Those that the protocol itself needs, or that would change it. */
    private static final Set<String> RESERVED = Set.of("upgrade", "connection", "content-length", "transfer-encoding");

    /** Servers take 8 KiB of headers or more; what is larger is a mistake. */
    private static final int MOST_CHARACTERS = 32 * 1024;

    private static final WebSocket STANDARD = new WebSocket(WebSocketSettings.STANDARD);

    private final WebSocketSettings settings;

    private WebSocket(WebSocketSettings settings) {
        this.settings = settings;
    }

    /** The request that is made unless another is given. */
    public static WebSocket standard() {
        return STANDARD;
    }

    /**
     * This with another path and query than the server's URL has, such as a query that was signed for one attempt.
     *
     * @param path begins with a slash; visible ASCII characters without {@code #}: others must be percent-encoded
     */
    public WebSocket withPath(String path) {
        if (!path.startsWith("/") || !HttpText.isVisible(path, false) || path.indexOf('#') >= 0) {
            // What was given may be secret, and is not quoted.
            throw new IllegalArgumentException(
                    "WebSocket path must begin with / and consist of visible ASCII characters"
                            + " without #; others must be percent-encoded");
        }
        return checked(new WebSocketSettings(path, settings.headers(), settings.subprotocols()));
    }

    /**
     * This with one more header, such as {@code Authorization}. {@code Host} replaces the one that the server's URL gives.
     *
     * @throws IllegalArgumentException if the name is none, or one that the protocol needs itself ({@code Upgrade}, {@code Connection},
     *     {@code Sec-WebSocket-…}); or if the value has other than visible ASCII characters and blanks
     */
    public WebSocket withHeader(String name, String value) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (!HttpText.isToken(name) || RESERVED.contains(lower) || lower.startsWith("sec-websocket-")) {
            throw new IllegalArgumentException("WebSocket header '" + Utf8.printable(name)
                    + "' cannot be set: it is no name, or the protocol's own");
        }
        if (!HttpText.isVisible(value, true)) {
            throw new IllegalArgumentException(
                    "WebSocket header '" + name + "' has a value with other than visible ASCII characters and blanks");
        }
        List<Map.Entry<String, String>> headers = new ArrayList<>(settings.headers());
        headers.add(Map.entry(name, value));
        return checked(new WebSocketSettings(settings.path(), headers, settings.subprotocols()));
    }

    /**
     * This with other subprotocols to offer, the preferred one first (default: {@code mqtt}, and {@code mqttv3.1} besides where MQTT 3.1 is
     * pinned). The server must choose one of them.
     */
    public WebSocket withSubprotocols(String... subprotocols) {
        List<String> offered = List.of(subprotocols);
        if (offered.isEmpty() || !offered.stream().allMatch(HttpText::isToken)) {
            throw new IllegalArgumentException("WebSocket subprotocols must be one or more names");
        }
        return checked(new WebSocketSettings(settings.path(), settings.headers(), offered));
    }

    private static WebSocket checked(WebSocketSettings settings) {
        long size = settings.path().length();
        for (Map.Entry<String, String> header : settings.headers()) {
            size += header.getKey().length() + header.getValue().length();
        }
        if (size > MOST_CHARACTERS) {
            throw new IllegalArgumentException(
                    "WebSocket path and headers have " + size + " characters, must be at most " + MOST_CHARACTERS);
        }
        return new WebSocket(settings);
    }

    WebSocketSettings settings() {
        return settings;
    }

    /** Without the query and the values of headers. */
    @Override
    public String toString() {
        return settings.toString();
    }
}
