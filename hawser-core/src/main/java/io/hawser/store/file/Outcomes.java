package io.hawser.store.file;

import io.hawser.mqtt.BrokerDisconnectException;
import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.ConnectionException;
import io.hawser.mqtt.MessageDroppedException;
import io.hawser.mqtt.MessageDroppedException.Rule;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.OperationTimeoutException;
import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.mqtt.StoreException;
import io.hawser.mqtt.UserProperty;
import io.hawser.store.SessionContents.StoredPublish;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Outcomes of messages as bytes: the result or the exception that a listener is told, without causes and stack traces. */
final class Outcomes {
    private static final int RESULT = 0;
    private static final int DROPPED = 1;
    private static final int REJECTED = 2;
    private static final int CONNECTION = 3;
    private static final int TIMEOUT = 4;
    private static final int PROTOCOL = 5;
    private static final int CLOSED = 6;
    private static final int DISCONNECTED = 7;
    private static final int STORE = 8;
    private static final int ENDED = 9;

    /** The rules by their codes, which are part of the format: a new rule comes behind the others. */
    private static final List<Rule> RULES =
            List.of(Rule.QUEUE_FULL, Rule.OLDEST_DROPPED, Rule.SESSION_LOST, Rule.EXPIRED, Rule.NEEDS_MQTT_5);

    private static final String REFUSED = " was refused by the broker: ";

    private Outcomes() {}

    static byte[] encode(StoredPublish publish) {
        PublishResult result = publish.result();
        MqttException failure = publish.failure();
        return GrowingBuffer.bytes(out -> {
            if (failure != null) {
                encode(out, failure);
            } else {
                encode(out, Objects.requireNonNullElse(result, PublishResult.ACKNOWLEDGED));
            }
        });
    }

    private static void encode(ByteBuffer out, PublishResult result) {
        out.put((byte) RESULT);
        out.put((byte) result.reasonCode().code());
        out.put((byte) (result.possiblyDuplicated() ? 1 : 0));
        EntryWriter.text(out, result.reasonString());
        EntryWriter.properties(out, result.userProperties());
    }

    private static void encode(ByteBuffer out, MqttException failure) {
        String text = Objects.requireNonNullElse(failure.getMessage(), "");
        if (failure instanceof MessageDroppedException dropped) {
            kind(out, DROPPED, text).put((byte) RULES.indexOf(dropped.rule()));
        } else if (failure instanceof RequestRejectedException rejected) {
            int end = text.lastIndexOf(REFUSED + rejected.reasonCode());
            if (end < 0) {
                kind(out, ENDED, text).put((byte) rejected.reasonCode().code());
                return;
            }
            kind(out, REJECTED, text.substring(0, end));
            out.put((byte) rejected.reasonCode().code());
            EntryWriter.text(out, rejected.reasonString());
            EntryWriter.properties(out, rejected.userProperties());
        } else if (failure instanceof ProtocolException protocol) {
            kind(out, PROTOCOL, text).put((byte) protocol.reasonCode().code());
        } else if (failure instanceof BrokerDisconnectException disconnect) {
            kind(out, DISCONNECTED, disconnect.reasonString())
                    .put((byte) disconnect.reasonCode().code());
        } else if (failure instanceof ConnectionException) {
            kind(out, CONNECTION, text);
        } else if (failure instanceof OperationTimeoutException) {
            kind(out, TIMEOUT, text);
        } else if (failure instanceof ClientClosedException) {
            kind(out, CLOSED, text);
        } else {
            kind(out, STORE, text);
        }
    }

    private static ByteBuffer kind(ByteBuffer out, int kind, String text) {
        out.put((byte) kind);
        EntryWriter.text(out, text);
        return out;
    }

    static @Nullable PublishResult result(byte[] outcome) {
        ByteBuffer in = ByteBuffer.wrap(outcome);
        if (in.get() != RESULT) {
            return null;
        }
        ReasonCode code = code(in);
        boolean possiblyDuplicated = in.get() != 0;
        return new PublishResult(code, EntryReader.text(in), EntryReader.properties(in), possiblyDuplicated);
    }

    static @Nullable MqttException failure(byte[] outcome) {
        ByteBuffer in = ByteBuffer.wrap(outcome);
        int kind = in.get();
        if (kind == RESULT) {
            return null;
        }
        String text = EntryReader.text(in);
        return switch (kind) {
            case DROPPED -> new MessageDroppedException(RULES.get(in.get()), text);
            case REJECTED -> {
                ReasonCode code = code(in);
                String reason = EntryReader.text(in);
                List<UserProperty> properties = EntryReader.properties(in);
                yield new RequestRejectedException(text, null, code, reason, properties);
            }
            case ENDED -> RequestRejectedException.endedConnection(text, null, code(in));
            case PROTOCOL -> new ProtocolException(code(in), text);
            case DISCONNECTED -> new BrokerDisconnectException(code(in), text, List.of(), null);
            case CONNECTION -> new ConnectionException(text);
            case TIMEOUT -> new OperationTimeoutException(text, null);
            case CLOSED -> new ClientClosedException(text, null);
            default -> new StoreException(text, null);
        };
    }

    private static ReasonCode code(ByteBuffer in) {
        return ReasonCode.of(in.get() & 0xFF);
    }
}
