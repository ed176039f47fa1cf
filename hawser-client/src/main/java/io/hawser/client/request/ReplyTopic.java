package io.hawser.client.request;

import io.hawser.client.request.Requests.ReplyRequest;
import io.hawser.mqtt.Message;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A topic to which the client subscribes for replies, and its requests; on the event loop. With correlation data (MQTT
 * 5.0) any number of requests are open at a time; without it (MQTT 3.x) one is, and the others wait in line.
 */
public final class ReplyTopic {
    private static final Object[] NONE = {};

    private final Requests requests;
    private final String name;
    private final boolean correlates;
    /** Whether the program gave the topic, and so knows who sends there. */
    private final boolean given;

    private final Set<ReplyRequest> waiting = new LinkedHashSet<>();
    private final Map<ByteBuffer, ReplyRequest> published = new LinkedHashMap<>();
    private boolean subscribed;
    private boolean pumping;

    ReplyTopic(Requests requests, String name, boolean correlates, boolean given) {
        this.requests = requests;
        this.name = name;
        this.correlates = correlates;
        this.given = given;
    }

    /**
     * Gives a message at once to the reply topics among its handlers: a handler may be waiting for the reply, and block
     * the handlers' worker. Returns the other handlers.
     */
    public static Object[] takeReply(Message message, Object[] handlers) {
        for (Object handler : handlers) {
            if (handler instanceof ReplyTopic topic) {
                topic.take(message);
                return handlers.length == 1
                        ? NONE
                        : takeReply(
                                message,
                                Arrays.stream(handlers)
                                        .filter(other -> other != topic)
                                        .toArray());
            }
        }
        return handlers;
    }

    String name() {
        return name;
    }

    boolean correlates() {
        return correlates;
    }

    boolean isIdle() {
        return waiting.isEmpty() && published.isEmpty();
    }

    List<ReplyRequest> all() {
        List<ReplyRequest> all = new ArrayList<>(published.values());
        all.addAll(waiting);
        return all;
    }

    /** Takes the requests that are not published yet. */
    List<ReplyRequest> takeWaiting() {
        List<ReplyRequest> taken = List.copyOf(waiting);
        waiting.clear();
        return taken;
    }

    void subscribed() {
        subscribed = true;
        pump();
    }

    void add(ReplyRequest request) {
        waiting.add(request);
        pump();
    }

    void remove(ReplyRequest request) {
        waiting.remove(request);
        published.remove(request.correlation, request);
        pump();
    }

    private void pump() {
        if (pumping) {
            return; // A publish that fails at once ends its request, which calls here.
        }
        pumping = true;
        while (subscribed && !waiting.isEmpty() && (correlates || published.isEmpty())) {
            ReplyRequest next = waiting.iterator().next();
            waiting.remove(next);
            if (published.putIfAbsent(next.correlation, next) == null) {
                requests.publish(next, this);
            } else {
                requests.fail(
                        next, new IllegalArgumentException("another request that is open has this correlation data"));
            }
        }
        pumping = false;
    }

    /** Gives a message to its request. A retained message answers no request: it was sent before. */
    private void take(Message message) {
        ReplyRequest request = message.retain() ? null : requestOf(message);
        if (request == null) {
            requests.unmatched(message);
        } else {
            requests.answered(request, message);
        }
    }

    /**
     * The request that a message answers. A responder of MQTT 3.x has no correlation data to send back: then the only
     * open request is meant.
     */
    private @Nullable ReplyRequest requestOf(Message message) {
        byte[] data = message.correlationData();
        if (data != null) {
            return published.get(ByteBuffer.wrap(data));
        }
        return given && published.size() == 1 ? published.values().iterator().next() : null;
    }
}
