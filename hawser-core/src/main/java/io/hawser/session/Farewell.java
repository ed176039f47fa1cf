package io.hawser.session;

import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.Disconnect;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
import io.hawser.wire.PacketSink;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The end of a client in words: to the broker, and to callers that still wait. */
final class Farewell {
    private Farewell() {}

    /** Says DISCONNECT. MQTT 3.x can only say by it that the will is to be forgotten. */
    static void say(Disconnect farewell, ProtocolVersion version, PacketSink sink) {
        if (version == ProtocolVersion.MQTT_5) {
            Properties said = Properties.NONE;
            Duration expiry = farewell.sessionExpiry();
            if (expiry != null) {
                said = said.with(Property.SESSION_EXPIRY_INTERVAL, expiry.toSeconds());
            }
            if (!farewell.reasonString().isEmpty()) {
                said = said.with(Property.REASON_STRING, farewell.reasonString());
            }
            if (!farewell.userProperties().isEmpty()) {
                said = said.with(farewell.userProperties());
            }
            sink.disconnect(
                    farewell.publishesWill() ? ReasonCode.DISCONNECT_WITH_WILL_MESSAGE : ReasonCode.SUCCESS, said);
        } else if (!farewell.publishesWill()) {
            sink.disconnect(ReasonCode.SUCCESS, Properties.NONE);
        }
    }

    /** Why a publish fails that was not acknowledged before the end, {@code kept} by a session for a later client or not. */
    static ClientClosedException unacknowledged(boolean kept) {
        return new ClientClosedException(
                "the client is closed: the message was not acknowledged before close"
                        + (kept
                                ? ", and stays in the session store for the next client with this client identifier"
                                : "; flush() first, or give it more time (closeTimeout)"),
                null);
    }

    /** Why everything else fails; {@code cause} is null if the program closed the client. */
    static ClientClosedException closed(@Nullable MqttException cause) {
        return new ClientClosedException(
                cause == null ? "the client is closed" : "the client closed itself: " + cause.getMessage(), cause);
    }
}
