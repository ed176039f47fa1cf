package io.hawser.cli;

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
        return (received, out) -> {
            Json json = Json.object()
                    .put("tst", Strftime.isoMicros(received.time()))
                    .put("topic", received.message().topic())
                    .put("qos", received.message().qos().level())
                    .put("retain", received.message().retain())
                    .put("dup", received.duplicate());
            MessageProperties.put(received.message(), json);
            byte[] payload = received.message().payloadBytes();
            String text = MessageProperties.utf8(payload);
            if (text != null) {
                json.put("payload", text);
            } else {
                json.put("payloadBase64", Base64.getEncoder().encodeToString(payload));
            }
            out.put(json.toString());
        };
    }

    /** This format with an end of line after each message. */
    default MessageFormat withNewLine() {
        return (received, out) -> {
            write(received, out);
            out.put('\n');
        };
    }
}
