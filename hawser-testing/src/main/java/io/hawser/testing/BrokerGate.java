package io.hawser.testing;

import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
import io.hawser.testing.AuthenticationScript.Answer;
import io.hawser.wire.Connect;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Decides who comes in by one connection of a {@link ModelBroker}, at once or after an exchange of AUTH. */
final class BrokerGate {
    private static final int LONGEST_CLIENT_ID_OF_3_1 = 23;
    private static final byte[] NO_DATA = {};

    private final ModelBroker broker;
    private @Nullable Connect connect;
    private @Nullable String method;
    private @Nullable AuthenticationScript script;

    BrokerGate(ModelBroker broker) {
        this.broker = broker;
    }

    /** The CONNECT of this connection, or null. */
    @Nullable
    Connect connect() {
        return connect;
    }

    /** What to answer this CONNECT. */
    Answer judge(Connect packet) {
        connect = packet;
        ReasonCode refusal = broker.misbehave().connectRefusal(packet.version());
        if (refusal == null && !acceptable(packet)) {
            refusal = ReasonCode.CLIENT_IDENTIFIER_NOT_VALID;
        }
        if (refusal != null) {
            return Answer.refuse(refusal);
        }
        Supplier<AuthenticationScript> scripts = broker.grant().authentication();
        method = packet.properties().text(Property.AUTHENTICATION_METHOD);
        if (scripts == null) {
            return method == null ? Answer.accept(null) : Answer.refuse(ReasonCode.BAD_AUTHENTICATION_METHOD);
        }
        return begin(scripts, packet.properties());
    }

    private static boolean acceptable(Connect packet) {
        String clientId = packet.clientId();
        if (packet.version() == ProtocolVersion.MQTT_3_1) {
            return !clientId.isEmpty() && clientId.length() <= LONGEST_CLIENT_ID_OF_3_1;
        }
        return !clientId.isEmpty() || packet.cleanSession();
    }

    private Answer begin(Supplier<AuthenticationScript> scripts, Properties properties) {
        script = scripts.get();
        return next(properties);
    }

    private Answer next(Properties properties) {
        AuthenticationScript asked = script;
        String named = method;
        if (asked == null || named == null) {
            return Answer.refuse(ReasonCode.NOT_AUTHORIZED);
        }
        byte[] data = properties.binary(Property.AUTHENTICATION_DATA);
        Answer answer = asked.answer(named, data == null ? NO_DATA : data);
        if (answer.reasonCode() != ReasonCode.CONTINUE_AUTHENTICATION) {
            script = null;
        }
        return answer;
    }

    /** What to answer this AUTH. */
    Answer judge(ReasonCode reasonCode, Properties properties, boolean accepted) {
        Supplier<AuthenticationScript> scripts = broker.grant().authentication();
        if (method == null || !method.equals(properties.text(Property.AUTHENTICATION_METHOD))) {
            return Answer.refuse(ReasonCode.PROTOCOL_ERROR);
        }
        if (reasonCode == ReasonCode.CONTINUE_AUTHENTICATION && script != null) {
            return next(properties);
        }
        return reasonCode == ReasonCode.REAUTHENTICATE && accepted && script == null && scripts != null
                ? begin(scripts, properties)
                : Answer.refuse(ReasonCode.PROTOCOL_ERROR);
    }

    /** These properties with what the answer adds, if CONNECT named a method. */
    Properties said(Answer answer, Properties others) {
        return method == null ? others : answer.properties(others, method);
    }
}
