package io.hawser.testing;

import io.hawser.mqtt.ReasonCode;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import org.jspecify.annotations.Nullable;

/**
 * The broker's side of one exchange of enhanced authentication (MQTT 5.0, section 4.12), as {@link Grants#authentication}
 * asks for it: what to answer to each thing that a client says, right or wrong.
 */
public interface AuthenticationScript {
    /**
     * The answer to CONNECT or AUTH.
     *
     * @param data empty if the client sent none
     */
    Answer answer(String method, byte[] data);

    /**
     * What a broker says in return: in AUTH, in CONNACK if that decides about a CONNECT, or in DISCONNECT.
     *
     * @param method what it names as the authentication method in place of the client's; null is the client's
     */
    record Answer(
            ReasonCode reasonCode,
            byte @Nullable [] data,
            @Nullable String method) {
        /** Asks for more. */
        public static Answer challenge(byte[] data) {
            return new Answer(ReasonCode.CONTINUE_AUTHENTICATION, data, null);
        }

        /** Lets the client in. */
        public static Answer accept(byte @Nullable [] data) {
            return new Answer(ReasonCode.SUCCESS, data, null);
        }

        /** Refuses with an error; of another code, an AUTH that the standard may not allow. */
        public static Answer refuse(ReasonCode reasonCode) {
            return new Answer(reasonCode, null, null);
        }

        /** The same under the name of another method [MQTT-4.12.0-5]. */
        public Answer naming(String method) {
            return new Answer(reasonCode, data, method);
        }

        Properties properties(Properties others, String ofClient) {
            Properties named = others.with(Property.AUTHENTICATION_METHOD, method == null ? ofClient : method);
            return data == null ? named : named.with(Property.AUTHENTICATION_DATA, data);
        }
    }
}
