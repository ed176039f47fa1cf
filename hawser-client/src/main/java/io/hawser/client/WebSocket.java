package io.hawser.client;

import io.hawser.client.transport.HttpText;
import io.hawser.client.transport.WebSocketSettings;
import io.hawser.text.Utf8;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The options of the WebSocket handshake with {@code ws} and {@code wss} servers. By default the path is the one in the
 * server's URL ({@code /mqtt} if the URL has none), the program adds no headers, and the subprotocol is {@code mqtt}
 * [MQTT-6.0.0-3].
 *
 * <p>Immutable. The query and the values of headers are never shown.
 */
public final class WebSocket {
    /** Headers that the protocol itself needs, or that would change it. */
    private static final Set<String> RESERVED = Set.of("upgrade", "connection", "content-length", "transfer-encoding");

    /** The most headers: servers take about as many. */
    private static final int MOST_HEADERS = 100;

    /** The limit on path, headers and subprotocols. Servers take 8 KiB of headers or more; a larger request is a mistake. */
    private static final int MOST_CHARACTERS = 32 * 1024;

    private static final WebSocket STANDARD = new WebSocket(WebSocketSettings.STANDARD);

    private final WebSocketSettings settings;

    private WebSocket(WebSocketSettings settings) {
        this.settings = settings;
    }

    /** The default options. */
    public static WebSocket standard() {
        return STANDARD;
    }

    /**
     * These options with a path and query that replace those of the server's URL, such as a query that was signed for
     * one attempt.
     *
     * @param path begins with a slash; visible ASCII characters without {@code #}: others must be percent-encoded
     * @throws IllegalArgumentException if the path is another, or path, headers and subprotocols have more than 32,768 characters
     */
    public WebSocket withPath(String path) {
        if (!path.startsWith("/") || !HttpText.isVisible(path, false) || path.indexOf('#') >= 0) {
            // The message does not quote the path, which may be secret.
            throw new IllegalArgumentException(
                    "WebSocket path must begin with / and consist of visible ASCII characters"
                            + " without #; others must be percent-encoded");
        }
        return checked(
                new WebSocketSettings(path, settings.headers(), settings.subprotocols(), settings.forReferences()));
    }

    /**
     * These options with one more header, such as {@code Authorization}. {@code Host} replaces the host in the server's
     * URL.
     *
     * @throws IllegalArgumentException if {@code name} is not a header name, or names a header that the protocol needs
     *     itself ({@code Upgrade}, {@code Connection}, {@code Sec-WebSocket-…}); if {@code value} has other than
     *     visible ASCII characters and blanks; or if path, headers and subprotocols have more than 32,768 characters
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
        boolean twice = lower.equals("host")
                && settings.headers().stream()
                        .anyMatch(header -> header.getKey().equalsIgnoreCase(name));
        if (twice || headers.size() > MOST_HEADERS) {
            throw new IllegalArgumentException(
                    twice
                            ? "WebSocket header 'Host' is given twice"
                            : "WebSocket headers are more than " + MOST_HEADERS);
        }
        return checked(
                new WebSocketSettings(settings.path(), headers, settings.subprotocols(), settings.forReferences()));
    }

    /**
     * These options with other subprotocols to offer, the preferred one first (default: {@code mqtt}, and
     * {@code mqttv3.1} after it where MQTT 3.1 is pinned). The server must choose one of them.
     *
     * @throws IllegalArgumentException if there is none, or one is not an HTTP token
     */
    public WebSocket withSubprotocols(String... subprotocols) {
        List<String> offered = List.of(subprotocols);
        if (offered.isEmpty() || !offered.stream().allMatch(HttpText::isToken)) {
            throw new IllegalArgumentException("WebSocket subprotocols must be one or more names");
        }
        if (offered.size() > MOST_HEADERS || new HashSet<>(offered).size() < offered.size()) {
            throw new IllegalArgumentException(
                    "WebSocket subprotocols must be at most " + MOST_HEADERS + ", none twice");
        }
        return checked(new WebSocketSettings(settings.path(), settings.headers(), offered, settings.forReferences()));
    }

    /**
     * These options with headers and query for other hosts, too, to which a broker refers with
     * {@link MqttBuilder#followServerReference} (default: another host is asked with the path alone, since headers and
     * query may prove who the client is, and a broker should not say who learns that).
     */
    public WebSocket sentToReferences() {
        return new WebSocket(new WebSocketSettings(settings.path(), settings.headers(), settings.subprotocols(), true));
    }

    private static WebSocket checked(WebSocketSettings settings) {
        long size = settings.path().length();
        for (Map.Entry<String, String> header : settings.headers()) {
            size += header.getKey().length() + header.getValue().length();
        }
        for (String subprotocol : settings.subprotocols()) {
            size += subprotocol.length();
        }
        if (size > MOST_CHARACTERS) {
            throw new IllegalArgumentException("WebSocket path, headers and subprotocols have " + size
                    + " characters, must be at most " + MOST_CHARACTERS);
        }
        return new WebSocket(settings);
    }

    WebSocketSettings settings() {
        return settings;
    }

    /** The options without the query and the values of headers. */
    @Override
    public String toString() {
        return settings.toString();
    }
}
