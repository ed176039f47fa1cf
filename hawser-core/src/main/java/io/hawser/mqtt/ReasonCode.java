package io.hawser.mqtt;

import io.hawser.text.Utf8;
import java.io.Serializable;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A reason code: the broker's answer to a request, or the reason for the end of a connection. Names and numbers are
 * those of MQTT 5.0, section 2.4; a return code of 3.1 and 3.1.1 becomes the reason code of the same meaning.
 *
 * <p>A broker may use a number that MQTT 5.0 gives no name. Such a code keeps its number, and is shown as {@code 0xE7}.
 * There is one instance for each number from 0 to 255, so codes may be compared with {@code ==}.
 */
public final class ReasonCode implements Comparable<ReasonCode>, Serializable {
    private static final long serialVersionUID = 1L;

    private static final int CODES = 256;
    private static final @Nullable ReasonCode[] BY_CODE = new ReasonCode[CODES];

    /** Success; also a normal disconnection, and QoS 0 granted. */
    public static final ReasonCode SUCCESS = named(0x00, "SUCCESS");

    public static final ReasonCode GRANTED_QOS_1 = named(0x01, "GRANTED_QOS_1");
    public static final ReasonCode GRANTED_QOS_2 = named(0x02, "GRANTED_QOS_2");
    public static final ReasonCode DISCONNECT_WITH_WILL_MESSAGE = named(0x04, "DISCONNECT_WITH_WILL_MESSAGE");
    public static final ReasonCode NO_MATCHING_SUBSCRIBERS = named(0x10, "NO_MATCHING_SUBSCRIBERS");
    public static final ReasonCode NO_SUBSCRIPTION_EXISTED = named(0x11, "NO_SUBSCRIPTION_EXISTED");
    public static final ReasonCode CONTINUE_AUTHENTICATION = named(0x18, "CONTINUE_AUTHENTICATION");
    public static final ReasonCode REAUTHENTICATE = named(0x19, "REAUTHENTICATE");
    /** A refusal without a more specific reason; the only refusal in SUBACK of 3.1.1. */
    public static final ReasonCode UNSPECIFIED_ERROR = named(0x80, "UNSPECIFIED_ERROR");

    public static final ReasonCode MALFORMED_PACKET = named(0x81, "MALFORMED_PACKET");
    public static final ReasonCode PROTOCOL_ERROR = named(0x82, "PROTOCOL_ERROR");
    public static final ReasonCode IMPLEMENTATION_SPECIFIC_ERROR = named(0x83, "IMPLEMENTATION_SPECIFIC_ERROR");
    public static final ReasonCode UNSUPPORTED_PROTOCOL_VERSION = named(0x84, "UNSUPPORTED_PROTOCOL_VERSION");
    public static final ReasonCode CLIENT_IDENTIFIER_NOT_VALID = named(0x85, "CLIENT_IDENTIFIER_NOT_VALID");
    public static final ReasonCode BAD_USER_NAME_OR_PASSWORD = named(0x86, "BAD_USER_NAME_OR_PASSWORD");
    public static final ReasonCode NOT_AUTHORIZED = named(0x87, "NOT_AUTHORIZED");
    public static final ReasonCode SERVER_UNAVAILABLE = named(0x88, "SERVER_UNAVAILABLE");
    public static final ReasonCode SERVER_BUSY = named(0x89, "SERVER_BUSY");
    public static final ReasonCode BANNED = named(0x8A, "BANNED");
    public static final ReasonCode SERVER_SHUTTING_DOWN = named(0x8B, "SERVER_SHUTTING_DOWN");
    public static final ReasonCode BAD_AUTHENTICATION_METHOD = named(0x8C, "BAD_AUTHENTICATION_METHOD");
    public static final ReasonCode KEEP_ALIVE_TIMEOUT = named(0x8D, "KEEP_ALIVE_TIMEOUT");
    public static final ReasonCode SESSION_TAKEN_OVER = named(0x8E, "SESSION_TAKEN_OVER");
    public static final ReasonCode TOPIC_FILTER_INVALID = named(0x8F, "TOPIC_FILTER_INVALID");
    public static final ReasonCode TOPIC_NAME_INVALID = named(0x90, "TOPIC_NAME_INVALID");
    public static final ReasonCode PACKET_IDENTIFIER_IN_USE = named(0x91, "PACKET_IDENTIFIER_IN_USE");
    public static final ReasonCode PACKET_IDENTIFIER_NOT_FOUND = named(0x92, "PACKET_IDENTIFIER_NOT_FOUND");
    public static final ReasonCode RECEIVE_MAXIMUM_EXCEEDED = named(0x93, "RECEIVE_MAXIMUM_EXCEEDED");
    public static final ReasonCode TOPIC_ALIAS_INVALID = named(0x94, "TOPIC_ALIAS_INVALID");
    public static final ReasonCode PACKET_TOO_LARGE = named(0x95, "PACKET_TOO_LARGE");
    public static final ReasonCode MESSAGE_RATE_TOO_HIGH = named(0x96, "MESSAGE_RATE_TOO_HIGH");
    public static final ReasonCode QUOTA_EXCEEDED = named(0x97, "QUOTA_EXCEEDED");
    public static final ReasonCode ADMINISTRATIVE_ACTION = named(0x98, "ADMINISTRATIVE_ACTION");
    public static final ReasonCode PAYLOAD_FORMAT_INVALID = named(0x99, "PAYLOAD_FORMAT_INVALID");
    public static final ReasonCode RETAIN_NOT_SUPPORTED = named(0x9A, "RETAIN_NOT_SUPPORTED");
    public static final ReasonCode QOS_NOT_SUPPORTED = named(0x9B, "QOS_NOT_SUPPORTED");
    public static final ReasonCode USE_ANOTHER_SERVER = named(0x9C, "USE_ANOTHER_SERVER");
    public static final ReasonCode SERVER_MOVED = named(0x9D, "SERVER_MOVED");
    public static final ReasonCode SHARED_SUBSCRIPTIONS_NOT_SUPPORTED =
            named(0x9E, "SHARED_SUBSCRIPTIONS_NOT_SUPPORTED");
    public static final ReasonCode CONNECTION_RATE_EXCEEDED = named(0x9F, "CONNECTION_RATE_EXCEEDED");
    public static final ReasonCode MAXIMUM_CONNECT_TIME = named(0xA0, "MAXIMUM_CONNECT_TIME");
    public static final ReasonCode SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED =
            named(0xA1, "SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED");
    public static final ReasonCode WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED =
            named(0xA2, "WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED");

    static {
        for (int code = 0; code < CODES; code++) {
            if (BY_CODE[code] == null) {
                BY_CODE[code] = new ReasonCode(code, "0x%02X".formatted(code), false);
            }
        }
    }

    private final int code;
    private final transient String name;
    private final transient boolean known;

    private ReasonCode(int code, String name, boolean known) {
        this.code = code;
        this.name = name;
        this.known = known;
    }

    private static ReasonCode named(int code, String name) {
        ReasonCode reasonCode = new ReasonCode(code, name, true);
        BY_CODE[code] = reasonCode;
        return reasonCode;
    }

    /** The number in MQTT 5.0, 0 to 255. */
    public int code() {
        return code;
    }

    /**
     * The reason code with this number.
     *
     * @throws IllegalArgumentException if the number is not 0 to 255
     */
    public static ReasonCode of(int code) {
        if (code < 0 || code >= CODES) {
            throw new IllegalArgumentException("reason code is " + code + ", must be 0 to " + (CODES - 1));
        }
        return Objects.requireNonNull(BY_CODE[code]);
    }

    /**
     * The reason code with this name, such as {@code NOT_AUTHORIZED} or {@code 0xE7}, as {@link #toString} returns it.
     *
     * @throws IllegalArgumentException if no reason code has that name
     */
    public static ReasonCode ofName(String name) {
        for (ReasonCode reasonCode : BY_CODE) {
            if (reasonCode != null && reasonCode.name.equals(name)) {
                return reasonCode;
            }
        }
        throw new IllegalArgumentException("'" + Utf8.printable(name) + "' is no reason code");
    }

    /** Whether MQTT 5.0 gives this number a name. */
    public boolean isKnown() {
        return known;
    }

    /** Whether this is a refusal or an error: 0x80 and above. */
    public boolean isError() {
        return code >= 0x80;
    }

    /** Whether this is one of these codes. */
    public boolean isOneOf(ReasonCode... codes) {
        for (ReasonCode each : codes) {
            if (this == each) {
                return true;
            }
        }
        return false;
    }

    /** The reason code for a CONNACK return code of 3.1 and 3.1.1 (0 to 5). */
    public static ReasonCode ofConnectReturnCode(int returnCode) {
        return switch (returnCode) {
            case 0 -> SUCCESS;
            case 1 -> UNSUPPORTED_PROTOCOL_VERSION;
            case 2 -> CLIENT_IDENTIFIER_NOT_VALID;
            case 3 -> SERVER_UNAVAILABLE;
            case 4 -> BAD_USER_NAME_OR_PASSWORD;
            case 5 -> NOT_AUTHORIZED;
            default -> throw new IllegalArgumentException("connect return code is " + returnCode + ", must be 0 to 5");
        };
    }

    /** The CONNACK return code of 3.1 and 3.1.1 (0 to 5) for this reason code; 3 (unavailable) if none is closer. */
    public int connectReturnCode() {
        for (int returnCode : new int[] {0, 1, 2, 4, 5}) {
            if (ofConnectReturnCode(returnCode) == this) {
                return returnCode;
            }
        }
        return 3;
    }

    /** Orders by number. */
    @Override
    public int compareTo(ReasonCode other) {
        return Integer.compare(code, other.code);
    }

    /** The instance for a number that was serialized. */
    private Object readResolve() {
        return of(code);
    }

    /** The name in MQTT 5.0, such as {@code NOT_AUTHORIZED}; the number, such as {@code 0xE7}, if there is no name. */
    @Override
    public String toString() {
        return name;
    }
}
