package io.hawser.client.loop;

import io.hawser.client.transport.Addresses;
import io.hawser.client.transport.HttpText;
import io.hawser.client.transport.Target;
import io.hawser.text.Authority;
import io.hawser.text.Urls;
import io.hawser.text.Utf8;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;

/**
 * One server of the builder: {@code mqtt://host[:port]}, {@code mqtts://host[:port]}, {@code mqtt+srv://domain},
 * {@code mqtts+srv://domain}, {@code ws://host[:port][/path][?query]}, {@code wss://…}, {@code unix:/path} or
 * {@code mqtt+unix:///path}.
 *
 * @param host empty for a Unix domain socket
 * @param path of the WebSocket, with its query, or of the socket's file; else empty
 */
public record Server(Scheme scheme, String host, int port, String path) {
    /** The way to reach the server. */
    public enum Scheme {
        MQTT("mqtt://", 1883),
        MQTTS("mqtts://", 8883),
        MQTT_SRV("mqtt+srv://", Target.ASK_DNS),
        MQTTS_SRV("mqtts+srv://", Target.ASK_DNS),
        WS("ws://", 80),
        WSS("wss://", 443),
        UNIX("unix:", 0);

        private final String prefix;
        private final int defaultPort;

        Scheme(String prefix, int defaultPort) {
            this.prefix = prefix;
            this.defaultPort = defaultPort;
        }

        boolean isWebSocket() {
            return this == WS || this == WSS;
        }

        boolean asksDns() {
            return this == MQTT_SRV || this == MQTTS_SRV;
        }
    }

    /** The path where most brokers have their WebSocket: EMQX, HiveMQ and AWS IoT Core; Mosquitto takes any path. */
    private static final String WEB_SOCKET_PATH = "/mqtt";

    /** Servers take 8 KiB or less as the first line of a request. */
    private static final int MOST_PATH_CHARACTERS = 16 * 1024;

    private static final String UNIX_URL = "mqtt+unix://";

    public static Server parse(String text) {
        if (text.regionMatches(true, 0, UNIX_URL, 0, UNIX_URL.length())) {
            return unix(text, text.substring(UNIX_URL.length()));
        }
        for (Scheme scheme : Scheme.values()) {
            int length = scheme.prefix.length();
            if (text.regionMatches(true, 0, scheme.prefix, 0, length)) {
                String rest = text.substring(length);
                return scheme == Scheme.UNIX ? unix(text, rest) : parse(text, scheme, rest);
            }
        }
        throw bad(text, "must begin with mqtt:// or mqtts://, ws:// or wss://, or unix:");
    }

    private static Server unix(String text, String rest) {
        String path = rest.startsWith("///") ? rest.substring(2) : rest;
        if (!path.startsWith("/") || path.startsWith("//") || path.length() == 1) {
            throw bad(text, "must have the absolute path of a socket, as in unix:/run/broker.sock");
        }
        int bytes = path.getBytes(StandardCharsets.UTF_8).length;
        if (Utf8.firstUnwelcome(path) >= 0 || bytes > Addresses.MOST_PATH_BYTES) {
            throw bad(
                    text,
                    "has a path with control characters, or of more than " + Addresses.MOST_PATH_BYTES + " bytes: "
                            + bytes);
        }
        return new Server(Scheme.UNIX, "", 0, path);
    }

    private static Server parse(String text, Scheme scheme, String rest) {
        int end = 0;
        while (end < rest.length() && "/?#".indexOf(rest.charAt(end)) < 0) {
            end++;
        }
        String path = rest.substring(end);
        if ((scheme.isWebSocket() ? rest.substring(0, end) : rest).indexOf('@') >= 0) {
            throw bad(text, "has user information; give it with credentials(…), where it stays secret");
        }
        if (!scheme.isWebSocket() && !path.isEmpty() && !path.equals("/")) {
            throw bad(text, "has something after host and port");
        }
        Authority authority = Authority.parse(rest.substring(0, end));
        if (!Addresses.isHost(authority.host())) {
            throw bad(text, "has no valid host");
        }
        if (scheme.asksDns()) {
            return domain(text, scheme, authority);
        }
        int port = authority.port(scheme.defaultPort);
        if (port == 0) {
            throw bad(text, "has port '" + (authority.isNumber() ? authority.port() : "…") + "', must be 1 to 65535");
        }
        return new Server(scheme, authority.host(), port, scheme.isWebSocket() ? webSocketPath(text, path) : "");
    }

    private static Server domain(String text, Scheme scheme, Authority authority) {
        if (authority.port() != null) {
            throw bad(text, "has a port, which the DNS is to tell");
        }
        return new Server(scheme, authority.host(), Target.ASK_DNS, "");
    }

    private static String webSocketPath(String text, String path) {
        if (!HttpText.isVisible(path, false) || path.indexOf('#') >= 0) {
            throw bad(text, "has a path with characters that must be percent-encoded, or a fragment");
        }
        if (path.length() > MOST_PATH_CHARACTERS) {
            throw bad(text, "has a path of " + path.length() + " characters, must be at most " + MOST_PATH_CHARACTERS);
        }
        return path.isEmpty() ? WEB_SOCKET_PATH : path.startsWith("?") ? "/" + path : path;
    }

    /** The server {@code host[:port]} to which this one sends its clients, reached in the same way. */
    Server referring(String reference) {
        Scheme same = scheme == Scheme.UNIX || scheme == Scheme.MQTT_SRV
                ? Scheme.MQTT
                : scheme == Scheme.MQTTS_SRV ? Scheme.MQTTS : scheme;
        Server server = parse(same.prefix + reference, same, reference);
        return new Server(same, server.host, server.port, scheme == Scheme.UNIX ? "" : path);
    }

    boolean isTls() {
        return scheme == Scheme.MQTTS || scheme == Scheme.WSS || scheme == Scheme.MQTTS_SRV;
    }

    boolean isUnix() {
        return scheme == Scheme.UNIX;
    }

    boolean isWebSocket() {
        return scheme.isWebSocket();
    }

    /**
     * The URL for which the JVM's proxy selectors are asked: of HTTP for WebSockets, else as the JDK's sockets ask.
     */
    URI forSelector() throws URISyntaxException {
        String kind = scheme == Scheme.WSS ? "https" : scheme == Scheme.WS ? "http" : "socket";
        // Not by its parts: a URI made of parts allows no underscore in a host name.
        int known = scheme == Scheme.MQTT_SRV ? Scheme.MQTT.defaultPort : Scheme.MQTTS.defaultPort;
        return new URI(kind + "://" + HttpText.authority(host, scheme.asksDns() ? known : port));
    }

    private static IllegalArgumentException bad(String text, String why) {
        return new IllegalArgumentException("server '" + Urls.withoutSecrets(text) + "' " + why);
    }

    /** The URL without its query, which may be secret. */
    @Override
    public String toString() {
        int query = path.indexOf('?');
        String shown = query < 0 ? path : path.substring(0, query) + "?…";
        return Utf8.printable(
                scheme.prefix + (isUnix() ? "" : scheme.asksDns() ? host : Authority.of(host, port)) + shown);
    }
}
