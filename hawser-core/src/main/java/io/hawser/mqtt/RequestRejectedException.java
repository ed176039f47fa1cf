package io.hawser.mqtt;

import io.hawser.text.Utf8;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An exception for a CONNECT, SUBSCRIBE, UNSUBSCRIBE or PUBLISH that the broker refused, or would have refused. */
public final class RequestRejectedException extends MqttException {
    private static final long serialVersionUID = 1L;

    private static final ReasonCode[] RETRYABLE = {
        ReasonCode.SERVER_UNAVAILABLE,
        ReasonCode.SERVER_BUSY,
        ReasonCode.QUOTA_EXCEEDED,
        ReasonCode.MESSAGE_RATE_TOO_HIGH,
        ReasonCode.CONNECTION_RATE_EXCEEDED
    };

    private final ReasonCode reasonCode;
    private final String reasonString;
    private final List<UserProperty> userProperties;
    private final @Nullable TopicFilter filter;
    private final @Nullable String serverReference;

    /** A refusal without a reason string of {@code request}, such as {@code CONNECT to mqtt://localhost}. */
    public RequestRejectedException(String request, @Nullable TopicFilter filter, ReasonCode reasonCode) {
        this(request, filter, reasonCode, "", List.of());
    }

    /** A refusal with the broker's reason string and user properties. */
    public RequestRejectedException(
            String request,
            @Nullable TopicFilter filter,
            ReasonCode reasonCode,
            String reasonString,
            List<UserProperty> userProperties) {
        this(request, filter, reasonCode, reasonString, userProperties, null);
    }

    /** A refusal that names another server. */
    public RequestRejectedException(
            String request,
            @Nullable TopicFilter filter,
            ReasonCode reasonCode,
            String reasonString,
            List<UserProperty> userProperties,
            @Nullable String serverReference) {
        this(
                filter,
                request + " was refused by the broker: " + reasonCode
                        + (reasonString.isEmpty() ? "" : ", " + Utf8.printable(reasonString)),
                reasonCode,
                reasonString,
                userProperties,
                serverReference);
    }

    private RequestRejectedException(
            @Nullable TopicFilter filter,
            String message,
            ReasonCode reasonCode,
            String reasonString,
            List<UserProperty> userProperties,
            @Nullable String serverReference) {
        super(message, null, Fault.BROKER, reasonCode.isOneOf(RETRYABLE));
        this.filter = filter;
        this.reasonCode = reasonCode;
        this.reasonString = reasonString;
        this.userProperties = List.copyOf(userProperties);
        this.serverReference = serverReference;
    }

    /**
     * An exception for a request that was not sent, because CONNACK or the protocol version shows that the broker would
     * refuse it.
     *
     * @param why in words, or empty
     */
    public static RequestRejectedException notSent(
            String request, @Nullable TopicFilter filter, ReasonCode reasonCode, String why) {
        return new RequestRejectedException(
                filter,
                request + " was not sent: " + reasonCode + (why.isEmpty() ? "" : ", " + why),
                reasonCode,
                "",
                List.of(),
                null);
    }

    /**
     * An exception for a request on which the broker ends the connection.
     *
     * @param text the whole message
     */
    public static RequestRejectedException endedConnection(
            String text, @Nullable TopicFilter filter, ReasonCode reasonCode) {
        return new RequestRejectedException(filter, text, reasonCode, "", List.of(), null);
    }

    /** The broker's reason code. */
    public ReasonCode reasonCode() {
        return reasonCode;
    }

    /** The broker's reason string; empty if there is none, as always before MQTT 5.0. */
    public String reasonString() {
        return reasonString;
    }

    /** The broker's user properties; empty before MQTT 5.0. */
    public List<UserProperty> userProperties() {
        return userProperties;
    }

    /** The server that the broker names instead, if it refused a CONNECT so; else null. */
    public @Nullable String serverReference() {
        return serverReference;
    }

    /** The filter of the refused SUBSCRIBE or UNSUBSCRIBE, or null if it was another request. */
    public @Nullable TopicFilter filter() {
        return filter;
    }
}
