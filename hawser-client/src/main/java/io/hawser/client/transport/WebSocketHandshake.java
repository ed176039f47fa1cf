package io.hawser.client.transport;

import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;

/** The request for a WebSocket, and what an answer to it must say: RFC 6455, section 4. */
final class WebSocketHandshake {
    static final int NONCE_BYTES = 16;

    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int SWITCHING = 101;

    private final String authority;
    private final WebSocketSettings settings;
    private final String key;

    /** @param port as the URL has it; negative if it is the scheme's own */
    WebSocketHandshake(String host, int port, WebSocketSettings settings, byte[] nonce) {
        this.authority = HttpText.authority(host, port);
        this.settings = settings;
        this.key = Base64.getEncoder().encodeToString(nonce);
    }

    ByteBuffer request() {
        StringBuilder text = new StringBuilder(512);
        text.append("GET ").append(settings.path()).append(" HTTP/1.1\r\n");
        if (settings.headers().stream().noneMatch(header -> header.getKey().equalsIgnoreCase("Host"))) {
            add(text, "Host", authority);
        }
        add(text, "Upgrade", "websocket");
        add(text, "Connection", "Upgrade");
        add(text, "Sec-WebSocket-Key", key);
        add(text, "Sec-WebSocket-Version", "13");
        add(text, "Sec-WebSocket-Protocol", String.join(", ", settings.subprotocols()));
        for (Map.Entry<String, String> header : settings.headers()) {
            add(text, header.getKey(), header.getValue());
        }
        return ByteBuffer.wrap(text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void add(StringBuilder text, String name, String value) {
        text.append(name).append(": ").append(value).append("\r\n");
    }

    /** @throws ProtocolException if the server has not opened this WebSocket; says why in words */
    void check(HttpHead answer) throws ProtocolException {
        if (answer.status() != SWITCHING) {
            throw refused(answer.status() == 200 ? "it answers as a web server does (HTTP 200)" : answer.words());
        }
        if (!answer.has("Upgrade", "websocket") || !answer.has("Connection", "upgrade")) {
            throw refused("it switches to another protocol");
        }
        if (!accept().equals(answer.header("Sec-WebSocket-Accept"))) {
            throw refused("its answer is not for this request (Sec-WebSocket-Accept)");
        }
        String extensions = answer.header("Sec-WebSocket-Extensions");
        if (extensions != null && !extensions.isEmpty()) {
            throw refused("it uses extensions that were not offered: " + answer.shown(extensions));
        }
        String subprotocol = answer.header("Sec-WebSocket-Protocol");
        if (subprotocol == null || !isOffered(subprotocol)) {
            throw refused((subprotocol == null
                            ? "it chose no subprotocol"
                            : "it chose the subprotocol '" + answer.shown(subprotocol) + "'")
                    + ", offered was " + String.join(", ", settings.subprotocols()));
        }
    }

    /** RabbitMQ 3.10 answers with all that were offered. */
    private boolean isOffered(String chosen) {
        return settings.subprotocols().contains(chosen) || chosen.equals(String.join(", ", settings.subprotocols()));
    }

    private static ProtocolException refused(String why) {
        return new ProtocolException("the server opens no WebSocket: " + why);
    }

    private String accept() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-1", e);
        }
    }
}
