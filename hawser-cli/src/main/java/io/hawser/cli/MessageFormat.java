package io.hawser.cli;

import io.hawser.mqtt.Message;
import java.util.Base64;

/** How one received message looks on standard output, the end of the line included. */
@FunctionalInterface
interface MessageFormat {
    void write(Received received, ByteSink out);

    /** The payload as it came. */
    static MessageFormat payload() {
        return (received, out) -> out.putPayload(received.message());
    }

    /** Topic, blank, payload. */
    static MessageFormat verbose() {
        return (received, out) -> {
            out.put(received.message().topic());
            out.put(' ');
            out.putPayload(received.message());
        };
    }

    /** One JSON object: {@code payload} holds what is UTF-8, {@code payloadBase64} what is not. */
    static MessageFormat json() {
        return (received, out) -> out.put(jsonOf(received).toString());
    }

    static Json jsonOf(Received received) {
        Message message = received.message();
        Json json = Json.object()
                .put("tst", Strftime.isoMicros(received.time()))
                .put("topic", message.topic())
                .put("qos", message.qos().level())
                .put("retain", message.retain())
                .put("dup", received.duplicate());
        MessageProperties.put(message, json);
        byte[] payload = message.payloadBytes();
        String text = MessageProperties.utf8(payload);
        return text != null
                ? json.put("payload", text)
                : json.put("payloadBase64", Base64.getEncoder().encodeToString(payload));
    }

    /** This format with an end of line after each message. */
    default MessageFormat withNewLine() {
        return (received, out) -> {
            write(received, out);
            out.put('\n');
        };
    }
}
