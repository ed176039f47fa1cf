package io.hawser.session;

import io.hawser.mqtt.BrokerDisconnectException;
import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.mqtt.TopicFilter;
import io.hawser.text.Utf8;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Says in words which request a broker answers by ending the connection, and what to do about that. */
final class Refusals {
    private Refusals() {}

    /** The requests of one packet, in words. */
    static String what(List<?> packet) {
        Object first = packet.get(0);
        if (first instanceof PublishRequest publish) {
            Message message = publish.message();
            return (publish.released ? "PUBREL of the message to '" : "PUBLISH to '")
                    + Utf8.printable(message.topic()) + "' (" + message.payloadSize() + " bytes, " + message.qos()
                    + (message.retain() ? ", retained" : "") + ")";
        }
        SubscriptionRequest request = (SubscriptionRequest) first;
        return (request.subscribes() ? "SUBSCRIBE to '" : "UNSUBSCRIBE from '")
                + Utf8.printable(request.filter().toString()) + "'"
                + (packet.size() == 1 ? "" : " and " + (packet.size() - 1) + " other filters");
    }

    /** Why a request fails that ended each connection on which it was alone. */
    static RequestRejectedException of(Object request, int trials, MqttException cause) {
        ReasonCode reasonCode = cause instanceof BrokerDisconnectException disconnect
                ? disconnect.reasonCode()
                : ReasonCode.UNSPECIFIED_ERROR;
        return refused(
                request,
                reasonCode,
                "it ended the connection each time this was sent, alone and after the connection had proved sound ("
                        + trials + " times; the last time: " + cause.getMessage() + "); " + advice(request));
    }

    private static String advice(Object request) {
        if (request instanceof PublishRequest publish) {
            return publish.released
                    ? "it had taken the message with PUBREC, so whether that was delivered is not known"
                    : "check size, topic, QoS and retain flag against what this broker allows this client";
        }
        return "check the filter against what this broker allows this client";
    }

    /** Why a suspect fails before its trials. */
    static RequestRejectedException crowdedOut(Object request, int ends, int aside, MqttException cause) {
        return refused(
                request,
                ReasonCode.UNSPECIFIED_ERROR,
                "it ended the connection " + ends + " times in a row when this was sent, the last time alone, and "
                        + aside
                        + " requests are set aside for the same, so that there is no time to try this again (the last time: "
                        + cause.getMessage() + "); " + advice(request));
    }

    /** Why a message is set aside, or not taken, that has not been sent. */
    static String precedented(PublishRequest request, Suspects suspects) {
        return "the broker ended connections on the last "
                + suspects.precedents().setAside(request) + " messages to '"
                + Utf8.printable(request.message().topic()) + "', of which each was alone on the wire; "
                + suspects.aside().size() + " requests are set aside, to be tried one at a time; " + advice(request);
    }

    /** Why a message is given up whose future the program has cancelled while it was set aside. */
    static RequestRejectedException cancelled(PublishRequest request) {
        return refused(request, "and the program cancelled the message while it was set aside");
    }

    /** Why a request for a filter ends that was set aside when the program asked for something else. */
    static RequestRejectedException superseded(SubscriptionRequest request) {
        return refused(request, "and a later request for the filter took its place");
    }

    /** Why a message ends that was set aside when the client closed. */
    static MqttException closed(PublishRequest request, MqttException closed) {
        return new ClientClosedException(
                what(List.of(request))
                        + " was set aside, for the broker ended connections on it, when the client closed",
                closed);
    }

    private static RequestRejectedException refused(Object request, String then) {
        return refused(request, ReasonCode.UNSPECIFIED_ERROR, "it ended the connection when this was sent, " + then);
    }

    private static RequestRejectedException refused(Object request, ReasonCode reasonCode, String why) {
        return RequestRejectedException.endedConnection(
                what(List.of(request)) + " is refused by the broker: " + why, filter(request), reasonCode);
    }

    private static @Nullable TopicFilter filter(Object request) {
        return request instanceof SubscriptionRequest subscription ? subscription.filter() : null;
    }
}
