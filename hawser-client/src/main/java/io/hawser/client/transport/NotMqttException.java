package io.hawser.client.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** What the peer has sent first, on a connection that is to carry MQTT and nothing else, is another protocol. */
final class NotMqttException extends IOException {
    private static final long serialVersionUID = 1L;

    private static final int ALERT = 21;
    private static final int HANDSHAKE = 22;
    private static final byte[] HTTP = "HTTP/".getBytes(StandardCharsets.US_ASCII);

    private NotMqttException(String message) {
        super(message);
    }

    /** Looks at the first bytes that have come. None that are told of here begins a packet that a broker may send. */
    static void require(ByteBuffer bytes) throws NotMqttException {
        int at = bytes.position();
        int type = bytes.get(at);
        if ((type == ALERT || type == HANDSHAKE) && bytes.remaining() > 1 && bytes.get(at + 1) == 3) {
            throw new NotMqttException("what answers there speaks TLS: use mqtts");
        }
        int length = Math.min(HTTP.length, bytes.remaining());
        if (bytes.slice(at, length).equals(ByteBuffer.wrap(HTTP, 0, length))) {
            throw new NotMqttException("what answers there speaks HTTP: is this the port of MQTT?");
        }
    }
}
