package io.hawser.mqtt;

/**
 * Why: the broker's answer to a request, or the reason why a connection ended. Names and numbers are those of MQTT 5.0,
 * section 2.4; the return codes of 3.1 and 3.1.1 are translated to the code of the same meaning.
 */
public enum ReasonCode {
    SUCCESS(0x00),
    GRANTED_QOS_1(0x01),
    GRANTED_QOS_2(0x02),
    /** Any refusal without a reason of its own; the only one that SUBACK of 3.1.1 knows. */
    UNSPECIFIED_ERROR(0x80),
    MALFORMED_PACKET(0x81),
    PROTOCOL_ERROR(0x82),
    IMPLEMENTATION_SPECIFIC_ERROR(0x83),
    UNSUPPORTED_PROTOCOL_VERSION(0x84),
    CLIENT_IDENTIFIER_NOT_VALID(0x85),
    BAD_USER_NAME_OR_PASSWORD(0x86),
    NOT_AUTHORIZED(0x87),
    SERVER_UNAVAILABLE(0x88),
    TOPIC_FILTER_INVALID(0x8F),
    PACKET_TOO_LARGE(0x95);

    private final int code;

    ReasonCode(int code) {
        this.code = code;
    }

    /** The number in MQTT 5.0. */
    public int code() {
        return code;
    }

    /** Whether this is a refusal or an error: 0x80 and above. */
    public boolean isError() {
        return code >= 0x80;
    }

    /** The code of a CONNACK return code of 3.1 and 3.1.1 (0 to 5). */
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

    /** The CONNACK return code of 3.1 and 3.1.1 (0 to 5) for this code; 3 (unavailable) where there is no closer one. */
    public int connectReturnCode() {
        return switch (this) {
            case SUCCESS -> 0;
            case UNSUPPORTED_PROTOCOL_VERSION -> 1;
            case CLIENT_IDENTIFIER_NOT_VALID -> 2;
            case BAD_USER_NAME_OR_PASSWORD -> 4;
            case NOT_AUTHORIZED -> 5;
            default -> 3;
        };
    }
}
