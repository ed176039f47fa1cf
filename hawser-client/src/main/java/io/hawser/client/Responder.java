package io.hawser.client;

import io.hawser.client.delivery.Reports;
import io.hawser.client.request.Requests;
import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.TopicName;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A handler that answers requests with the result of a function. A request is acknowledged when the broker has
 * acknowledged its reply; no thread waits for that.
 */
final class Responder implements MessageHandler {
    private static final Logger LOG = LoggerFactory.getLogger(Responder.class);

    private final MqttPublisher client;
    private final TopicFilter filter;
    private final Function<? super Delivery, ? extends @Nullable Message> function;
    private final Consumer<ConnectionEvent> events;
    private boolean warned;

    Responder(
            MqttPublisher client,
            TopicFilter filter,
            Function<? super Delivery, ? extends @Nullable Message> function,
            Consumer<ConnectionEvent> events) {
        this.client = client;
        this.filter = filter;
        this.function = function;
        this.events = events;
    }

    @Override
    public void handle(Delivery request) {
        Message made = function.apply(request);
        Message reply = made == null ? null : reply(request, made);
        if (reply != null) {
            CompletableFuture<PublishResult> sent = client.publishAsync(reply);
            request.defer();
            CompletableFuture<PublishResult> unused = sent.whenComplete((result, cause) -> {
                if (cause == null) {
                    request.ack();
                } else {
                    failed(request, cause);
                }
            });
        }
    }

    /** Makes the reply, which asks for no reply itself: two responders would go on for ever. */
    private @Nullable Message reply(Delivery request, Message made) {
        Message asked = request.message();
        Message plain = Requests.withoutReplyTopic(made).qos(request.qos()).retain(false);
        String to = asked.responseTopic();
        if (to == null) {
            if (filter.matches(made.topicName())) {
                unanswerable(request);
                return null;
            }
            return plain;
        }
        Message reply = plain.topic(TopicName.of(to));
        byte[] correlationData = asked.correlationData();
        return correlationData == null ? reply : reply.correlationData(correlationData);
    }

    /**
     * Logs that a reply has nowhere to go: the first time as a WARN, then at DEBUG, because often all requests of a
     * program are like this.
     */
    private void unanswerable(Delivery request) {
        String text =
                "{} names no response topic, and its reply goes to one that the responder itself receives: not sent";
        if (warned) {
            LOG.debug(text, request);
        } else {
            warned = true;
            LOG.warn(text, request);
        }
    }

    private void failed(Delivery request, Throwable cause) {
        if (!(cause instanceof ClientClosedException)) {
            request.reject();
            events.accept(new ConnectionEvent.DeliveryFailed(request.message(), cause, 1, true));
            Reports.warn(LOG, "the reply to " + request + " was not sent: " + cause);
        }
    }
}
