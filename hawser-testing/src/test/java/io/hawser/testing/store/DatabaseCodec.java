package io.hawser.testing.store;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.MessageDroppedException;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.mqtt.StoreException;
import io.hawser.mqtt.UserProperty;
import io.hawser.store.SessionContents.StoredPublish;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Messages and outcomes as bytes, for a {@link DatabaseStore}. */
final class DatabaseCodec {
    private DatabaseCodec() {}

    private interface Writing {
        void to(DataOutputStream out) throws IOException;
    }

    private interface Reading<T> {
        T from(DataInputStream in) throws IOException;
    }

    private static byte[] bytes(Writing writing) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            writing.to(new DataOutputStream(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static <T> T read(byte[] bytes, Reading<T> reading) {
        try {
            return reading.from(new DataInputStream(new ByteArrayInputStream(bytes)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] encoded(Message message) {
        Duration expiry = message.expiry();
        byte[] payload = new byte[message.payloadSize()];
        message.copyPayload(0, payload.length, java.nio.ByteBuffer.wrap(payload));
        return bytes(out -> {
            text(out, message.topic());
            block(out, payload);
            out.writeByte(message.qos().level());
            out.writeBoolean(message.retain());
            out.writeBoolean(message.utf8());
            out.writeLong(expiry == null ? -1 : expiry.toSeconds());
            text(out, message.contentType());
            text(out, message.responseTopic());
            block(out, message.correlationData());
            properties(out, message.userProperties());
        });
    }

    static Message message(byte[] encoded) {
        return read(encoded, in -> {
            Message message = Message.of(text(in), block(in))
                    .qos(Qos.of(in.readByte()))
                    .retain(in.readBoolean())
                    .utf8(in.readBoolean());
            long expiry = in.readLong();
            String contentType = text(in);
            String responseTopic = text(in);
            byte[] correlationData = block(in);
            message = expiry < 0 ? message : message.expiry(Duration.ofSeconds(expiry));
            message = contentType == null ? message : message.contentType(contentType);
            message = responseTopic == null ? message : message.responseTopic(responseTopic);
            message = correlationData == null ? message : message.correlationData(correlationData);
            return message.userProperties(properties(in));
        });
    }

    static byte[] outcome(StoredPublish publish) {
        PublishResult result = publish.result();
        MqttException failure = publish.failure();
        return bytes(out -> {
            if (result != null) {
                out.writeByte('r');
                out.writeByte(result.reasonCode().code());
                out.writeBoolean(result.possiblyDuplicated());
                text(out, result.reasonString());
                properties(out, result.userProperties());
            } else if (failure instanceof MessageDroppedException dropped) {
                out.writeByte('d');
                text(out, dropped.getMessage());
                text(out, dropped.rule().name());
            } else if (failure instanceof RequestRejectedException rejected) {
                out.writeByte('j');
                text(out, rejected.getMessage());
                out.writeByte(rejected.reasonCode().code());
            } else {
                out.writeByte('o');
                text(out, String.valueOf(failure));
            }
        });
    }

    static PublishResult result(byte[] outcome) {
        return read(outcome, in -> {
            if (in.readByte() != 'r') {
                return null;
            }
            ReasonCode code = ReasonCode.of(in.readByte() & 0xFF);
            boolean possiblyDuplicated = in.readBoolean();
            return new PublishResult(code, text(in), properties(in), possiblyDuplicated);
        });
    }

    static MqttException failure(byte[] outcome) {
        return read(outcome, in -> switch (in.readByte()) {
            case 'r' -> null;
            case 'd' -> {
                String text = text(in);
                yield new MessageDroppedException(MessageDroppedException.Rule.valueOf(text(in)), text);
            }
            case 'j' -> RequestRejectedException.endedConnection(text(in), null, ReasonCode.of(in.readByte() & 0xFF));
            default -> new StoreException(text(in), null);
        });
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        block(out, text == null ? null : text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(DataInputStream in) throws IOException {
        byte[] text = block(in);
        return text == null ? null : new String(text, StandardCharsets.UTF_8);
    }

    private static void block(DataOutputStream out, byte[] block) throws IOException {
        out.writeInt(block == null ? -1 : block.length);
        if (block != null) {
            out.write(block);
        }
    }

    private static byte[] block(DataInputStream in) throws IOException {
        int length = in.readInt();
        return length < 0 ? null : in.readNBytes(length);
    }

    private static void properties(DataOutputStream out, List<UserProperty> properties) throws IOException {
        out.writeInt(properties.size());
        for (UserProperty property : properties) {
            text(out, property.name());
            text(out, property.value());
        }
    }

    private static List<UserProperty> properties(DataInputStream in) throws IOException {
        List<UserProperty> properties = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            properties.add(new UserProperty(text(in), text(in)));
        }
        return properties;
    }
}
