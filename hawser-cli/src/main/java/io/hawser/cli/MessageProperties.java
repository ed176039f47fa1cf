package io.hawser.cli;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.UserProperty;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The properties of MQTT 5.0 of a received message as text, empty where it has none, and as JSON. */
final class MessageProperties {
    private MessageProperties() {}

    static String contentType(Message message) {
        return orEmpty(message.contentType());
    }

    static String responseTopic(Message message) {
        return orEmpty(message.responseTopic());
    }

    static byte[] correlationData(Message message) {
        byte[] data = message.correlationData();
        return data == null ? new byte[0] : data;
    }

    /** In seconds; what is left of it when the broker sends. */
    static String expiry(Message message) {
        Duration expiry = message.expiry();
        return expiry == null ? "" : String.valueOf(expiry.toSeconds());
    }

    /** {@code name:value}, separated by blanks. */
    static String userProperties(Message message) {
        return message.userProperties().stream()
                .map(property -> property.name() + ":" + property.value())
                .collect(Collectors.joining(" "));
    }

    /** Separated by blanks. */
    static String identifiers(Message message) {
        return message.subscriptionIdentifiers().stream().map(String::valueOf).collect(Collectors.joining(" "));
    }

    /**
     * Adds a member {@code properties}, in which the properties have the names of {@code -D}, if the message has any. The
     * ones that may repeat are lists, and binary data that is not UTF-8 is {@code correlation-data-base64}.
     */
    static void put(Message message, Json json) {
        Json properties = Json.object();
        if (message.utf8()) {
            properties.put("payload-format-indicator", 1);
        }
        Duration expiry = message.expiry();
        if (expiry != null) {
            properties.put("message-expiry-interval", expiry.toSeconds());
        }
        putText(properties, "content-type", message.contentType());
        putText(properties, "response-topic", message.responseTopic());
        byte[] data = message.correlationData();
        if (data != null) {
            String text = utf8(data);
            if (text != null) {
                properties.put("correlation-data", text);
            } else {
                properties.put("correlation-data-base64", Base64.getEncoder().encodeToString(data));
            }
        }
        if (!message.subscriptionIdentifiers().isEmpty()) {
            properties.putRaw(
                    "subscription-identifier", message.subscriptionIdentifiers().toString());
        }
        if (!message.userProperties().isEmpty()) {
            properties.putRaw(
                    "user-properties",
                    message.userProperties().stream()
                            .map(MessageProperties::json)
                            .collect(Collectors.joining(",", "[", "]")));
        }
        if (!properties.isEmpty()) {
            json.putRaw("properties", properties.toString());
        }
    }

    /** Names may repeat, so that they cannot be the names of members. */
    private static String json(UserProperty property) {
        return Json.object()
                .put("name", property.name())
                .put("value", property.value())
                .toString();
    }

    private static void putText(Json json, String name, @Nullable String text) {
        if (text != null) {
            json.put(name, text);
        }
    }

    /** The bytes as text if they are UTF-8, else null. */
    static @Nullable String utf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
