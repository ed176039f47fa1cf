package io.hawser.cli;

import io.hawser.mqtt.Message;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** How one received message looks on standard output, the end of the line included. */
@FunctionalInterface
interface MessageFormat {
    void write(Received received, ByteSink out);

    /** The payload as it came. */
    static MessageFormat payload() {
        return payload(null);
    }

    /** The payload in this encoding; null leaves it as it came. */
    static MessageFormat payload(@Nullable Encoding encoding) {
        return (received, out) -> putPayload(received.message(), encoding, out);
    }

    /** Topic, blank, payload. */
    static MessageFormat verbose() {
        return verbose(null);
    }

    /** Topic, blank, payload in this encoding; null leaves it as it came. */
    static MessageFormat verbose(@Nullable Encoding encoding) {
        return (received, out) -> {
            out.put(received.message().topic());
            out.put(' ');
            putPayload(received.message(), encoding, out);
        };
    }

    static void putPayload(Message message, @Nullable Encoding encoding, ByteSink out) {
        if (encoding == null) {
            out.putPayload(message);
        } else {
            out.put(encoding.encode(message.payloadBytes()).getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** One JSON object: {@code payload} holds what is UTF-8, {@code payloadBase64} what is not. */
    static MessageFormat json() {
        return (received, out) -> out.put(jsonOf(received, null).toString());
    }

    /** The object of {@link #json}, with the payload in this encoding whatever it is, in {@code payloadHex} or {@code payloadBase64}. */
    static Json jsonOf(Received received, @Nullable Encoding encoding) {
        Message message = received.message();
        Json json = Json.object()
                .put("tst", Strftime.isoMicros(received.time()))
                .put("topic", message.topic())
                .put("qos", message.qos().level())
                .put("retain", message.retain())
                .put("dup", received.duplicate());
        MessageProperties.put(message, json);
        byte[] payload = message.payloadBytes();
        String text = encoding == null ? MessageProperties.utf8(payload) : null;
        if (text != null) {
            return json.put("payload", text);
        }
        return encoding == Encoding.HEX
                ? json.put("payloadHex", encoding.encode(payload))
                : json.put("payloadBase64", Encoding.BASE64.encode(payload));
    }

    /** This format with an end of line after each message. */
    default MessageFormat withNewLine() {
        return (received, out) -> {
            write(received, out);
            out.put('\n');
        };
    }
}
