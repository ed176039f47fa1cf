package io.hawser.mqtt;

import org.jspecify.annotations.Nullable;

/** The broker refused a CONNECT, SUBSCRIBE, UNSUBSCRIBE or PUBLISH. */
public final class RequestRejectedException extends MqttException {
    private static final long serialVersionUID = 1L;

    private final ReasonCode reasonCode;
    private final @Nullable TopicFilter filter;

    /** A refusal of what {@code request} names, such as {@code CONNECT to mqtt://localhost}. */
    public RequestRejectedException(String request, @Nullable TopicFilter filter, ReasonCode reasonCode) {
        super(request + " was refused by the broker: " + reasonCode, null);
        this.filter = filter;
        this.reasonCode = reasonCode;
    }

    /** Why the broker refused. */
    public ReasonCode reasonCode() {
        return reasonCode;
    }

    /** What the broker added in words; empty if it added nothing, as always before MQTT 5.0. */
    public String reasonString() {
        return "";
    }

    /** The filter of the refused SUBSCRIBE or UNSUBSCRIBE, or null if it was another request. */
    public @Nullable TopicFilter filter() {
        return filter;
    }

    @Override
    public Fault fault() {
        return Fault.BROKER;
    }

    @Override
    public boolean retryable() {
        return reasonCode == ReasonCode.SERVER_UNAVAILABLE;
    }
}
