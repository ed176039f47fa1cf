package io.hawser.client.transport;

import java.io.IOException;

/** The peer breaks the WebSocket protocol, or sends what MQTT does not; the code is the one that it is told. */
final class WebSocketException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int code;

    WebSocketException(int code, String message) {
        super("WebSocket: " + message);
        this.code = code;
    }

    int code() {
        return code;
    }
}
