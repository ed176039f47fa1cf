package io.hawser.mqtt;

import io.hawser.text.Utf8;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The broker refused a CONNECT, SUBSCRIBE, UNSUBSCRIBE or PUBLISH, or it would have. */
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

    /** A refusal without further words of what {@code request} names, such as {@code CONNECT to mqtt://localhost}. */
    public RequestRejectedException(String request, @Nullable TopicFilter filter, ReasonCode reasonCode) {
        this(request, filter, reasonCode, "", List.of());
    }

    /** A refusal with what the broker added in words, and in names and values. */
    public RequestRejectedException(
            String request,
            @Nullable TopicFilter filter,
            ReasonCode reasonCode,
            String reasonString,
            List<UserProperty> userProperties) {
        this(request, filter, reasonCode, reasonString, userProperties, null);
    }

    /** A refusal that says where to go instead. */
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
     * A request that was not sent, because it is known from CONNACK or from the version that the broker would refuse it.
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
     * A request that the broker answers by ending the connection.
     *
     * @param text the whole message
     */
    public static RequestRejectedException endedConnection(
            String text, @Nullable TopicFilter filter, ReasonCode reasonCode) {
        return new RequestRejectedException(filter, text, reasonCode, "", List.of(), null);
    }

    /** Why the broker refused. */
    public ReasonCode reasonCode() {
        return reasonCode;
    }

    /** What the broker added in words; empty if it added nothing, as always before MQTT 5.0. */
    public String reasonString() {
        return reasonString;
    }

    /** What the broker added in names and values; empty before MQTT 5.0. */
    public List<UserProperty> userProperties() {
        return userProperties;
    }

    /** Where the broker says to go instead, if it refused a CONNECT with that; else null. */
    public @Nullable String serverReference() {
        return serverReference;
    }

    /** The filter of the refused SUBSCRIBE or UNSUBSCRIBE, or null if it was another request. */
    public @Nullable TopicFilter filter() {
        return filter;
    }
}
