package io.hawser.client.request;

import io.hawser.client.delivery.Dispatcher;
import io.hawser.client.loop.AdmissionControl;
import io.hawser.client.loop.ClientIds;
import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.ConnectResult;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.MessageDroppedException;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.OperationTimeoutException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.session.Command;
import io.hawser.session.ReplyTopics;
import io.hawser.session.Request;
import io.hawser.text.Utf8;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests of a client that wait for their replies. Methods run on the event loop, unless they say otherwise, and
 * so do replies, since a handler may wait for a reply.
 */
public final class Requests {
    private static final Logger LOG = LoggerFactory.getLogger(Requests.class);
    /** The longest timeout: something that waits longer belongs into a queue. */
    private static final Duration LONGEST = Duration.ofDays(365);
    /** The longest client identifier that becomes a topic level, since brokers limit topic levels. */
    private static final int LONGEST_LEVEL = 256;

    private static final int PREFIX_BYTES = 12;

    private final Messaging client;
    private final Dispatcher dispatcher;
    /** The bound on requests that are not published yet, as the queue bounds publishes. */
    private final AdmissionControl admission;

    private final TreeSet<ReplyRequest> open =
            new TreeSet<>(Comparator.<ReplyRequest>comparingLong(request -> request.deadline)
                    .thenComparingLong(request -> request.number));
    /** The open requests that wait for the first connection, whose protocol version decides their way. */
    private final Set<ReplyRequest> unrouted = new LinkedHashSet<>();

    private final Map<String, ReplyTopic> topics = new HashMap<>();
    private final long origin = System.nanoTime();
    private byte @Nullable [] prefix;
    private @Nullable String randomLevel;
    private long numbers;
    private @Nullable ReplyTopic shared;
    private long wakeAt = Long.MAX_VALUE;
    private Runnable cancelWake = () -> {};

    /** A request, which completes with its reply. Its message is dropped when it has been published. */
    static final class ReplyRequest extends Request<Message> {
        private final Requests requests;
        private final Duration timeout;
        private final long deadline;
        private final int size;
        private final String to;
        private @Nullable Message message;
        private @Nullable ReplyTopic topic;
        private long number;
        private volatile boolean done;

        /** The correlation data that identify the reply; set when the request goes to its reply topic. */
        ByteBuffer correlation = ByteBuffer.allocate(0);

        ReplyRequest(Requests requests, Message message, Duration timeout) {
            super(requests.dispatcher);
            this.requests = requests;
            this.message = message;
            this.timeout = timeout;
            this.deadline = requests.now() + timeout.toNanos();
            this.size = message.sizeInBytes();
            this.to = Utf8.printable(message.topic());
        }

        @Override
        public void run(Intake intake) {
            requests.open(this);
        }
    }

    public Requests(Messaging client, Dispatcher dispatcher, AdmissionControl admission) {
        this.client = client;
        this.dispatcher = dispatcher;
        this.admission = admission;
    }

    /** Makes a request; from any thread. */
    public CompletableFuture<Message> request(Message message, Duration timeout) {
        if (timeout.isNegative() || timeout.isZero() || timeout.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "request timeout is " + timeout + ", must be more than 0 and at most " + LONGEST);
        }
        String given = message.responseTopic();
        if (given != null && TopicFilter.of(given).isShared()) {
            throw new IllegalArgumentException("response topic is '" + Utf8.printable(given)
                    + "', must not be a shared subscription, whose replies may go to others");
        }
        ReplyRequest request = new ReplyRequest(this, message, timeout);
        if (!admission.admit(request.size)) {
            request.fail(new MessageDroppedException(
                    MessageDroppedException.Rule.QUEUE_FULL, "requests are made faster than they can be sent"));
            return request;
        }
        client.submit(request);
        // The program may have ended the request, such as by cancelling it.
        CompletableFuture<Message> unused = request.whenComplete((message1, cause) -> {
            if (!request.done) {
                client.submit(Command.of(() -> take(request)));
            }
        });
        return request;
    }

    private void open(ReplyRequest request) {
        request.number = ++numbers;
        open.add(request);
        ConnectResult accepted = client.accepted();
        ClientClosedException end = client.end();
        if (end != null) {
            fail(request, end);
        } else if (accepted == null) {
            unrouted.add(request);
        } else {
            route(request, accepted);
        }
        wakeInTime();
    }

    /** Routes the waiting requests, because the connection tells the protocol version and the topic of replies. */
    public void connected(ConnectResult accepted) {
        ReplyTopic before = shared;
        if (before != null && !before.name().equals(sharedName(accepted))) {
            shared = null;
            before.takeWaiting().forEach(request -> route(request, accepted));
            dropIfIdle(before);
        }
        List<ReplyRequest> waiting = List.copyOf(unrouted);
        unrouted.clear();
        waiting.forEach(request -> route(request, accepted));
    }

    private void route(ReplyRequest request, ConnectResult on) {
        Message message = Objects.requireNonNull(request.message);
        String given = message.responseTopic();
        boolean correlates = on.version() == ProtocolVersion.MQTT_5;
        if (given == null && !correlates) {
            fail(
                    request,
                    new MessageDroppedException(
                            MessageDroppedException.Rule.NEEDS_MQTT_5,
                            "request to '" + request.to + "' has no response topic, and MQTT " + on.version()
                                    + " cannot tell the responder one; responseTopic(...) names one that both know"));
            return;
        }
        byte[] data = message.correlationData();
        request.correlation = ByteBuffer.wrap(data == null || !correlates ? correlationData(request) : data);
        ReplyTopic topic = given == null ? topic(sharedName(on), true, false) : topic(given, correlates, true);
        if (given == null) {
            shared = topic;
        }
        request.topic = topic;
        topic.add(request);
    }

    private byte[] correlationData(ReplyRequest request) {
        byte[] secret = prefix;
        if (secret == null) {
            secret = new byte[PREFIX_BYTES];
            new SecureRandom().nextBytes(secret);
            prefix = secret;
        }
        return ByteBuffer.allocate(PREFIX_BYTES + Long.BYTES)
                .put(secret)
                .putLong(request.number)
                .array();
    }

    private ReplyTopic topic(String name, boolean correlates, boolean given) {
        ReplyTopic known = topics.get(name);
        if (known != null) {
            return known;
        }
        ReplyTopic topic = new ReplyTopic(this, name, correlates, given);
        topics.put(name, topic);
        CompletableFuture<?> unused = client.subscribeToReplies(Subscription.to(name), topic)
                .whenComplete((granted, cause) -> {
                    if (cause == null) {
                        topic.subscribed();
                    } else {
                        refused(topic, cause);
                    }
                });
        return topic;
    }

    /**
     * The topic that the requests share: from the broker's response information, which names a part of the topics for
     * this client alone, else from the client identifier.
     */
    private String sharedName(ConnectResult on) {
        String base = on.negotiated().responseInformation();
        if (base != null) {
            String name = ReplyTopics.within(base);
            try {
                TopicFilter filter = TopicFilter.of(name);
                if (!filter.isShared() && name.indexOf('+') < 0) {
                    return name;
                }
            } catch (IllegalArgumentException e) {
                LOG.debug("no topic can be made of it", e);
            }
            LOG.warn("the broker's response information '{}' makes no topic, and is not used", Utf8.printable(base));
        }
        return ReplyTopics.BASE + level(on.clientId());
    }

    /**
     * The client identifier as one topic level: characters that a topic name may not have are escaped; a random level
     * if the identifier is empty or long.
     */
    private String level(String clientId) {
        if (!clientId.isEmpty() && clientId.length() <= LONGEST_LEVEL) {
            return clientId.replace("%", "%25").replace("+", "%2B").replace("#", "%23");
        }
        String random = randomLevel;
        if (random == null) {
            random = ClientIds.random();
            randomLevel = random;
        }
        return random;
    }

    /** Publishes a request, whose reply can come now. */
    void publish(ReplyRequest request, ReplyTopic topic) {
        Message message = Objects.requireNonNull(request.message);
        request.message = null;
        admission.taken(request.size);
        try {
            CompletableFuture<?> unused = client.publishAsync(outgoing(message, request, topic))
                    .whenComplete((result, cause) -> {
                        if (cause != null) {
                            fail(request, cause);
                        } else if (result.reasonCode() == ReasonCode.NO_MATCHING_SUBSCRIBERS && !message.retain()) {
                            fail(request, nobody(request));
                        }
                    });
        } catch (IllegalArgumentException e) {
            fail(request, e);
        }
    }

    /** The failure of a request that nobody can receive: it comes sooner than a timeout, and says more. */
    private static RequestRejectedException nobody(ReplyRequest request) {
        return new RequestRejectedException(
                "request to '" + request.to + "'", null, ReasonCode.NO_MATCHING_SUBSCRIBERS);
    }

    private Message outgoing(Message message, ReplyRequest request, ReplyTopic topic) {
        if (!topic.correlates()) {
            return withoutReplyTopic(message);
        }
        Message outgoing = message.responseTopic(topic.name()).correlationData(request.correlation.array());
        // Nobody should act on a request that nobody waits for; the expiry rounds up to whole seconds, and adds one for
        // brokers that round down.
        return message.expiry() != null
                ? outgoing
                : outgoing.expiry(Duration.ofSeconds(
                        Duration.ofNanos(Math.max(0, request.deadline - now())).toSeconds() + 2));
    }

    /** The message without the attributes that make it a request. */
    public static Message withoutReplyTopic(Message message) {
        if (!message.hasAttributes()) {
            return message;
        }
        Message plain = message.withoutAttributes().userProperties(message.userProperties());
        if (message.utf8()) {
            plain = plain.utf8(true);
        }
        String contentType = message.contentType();
        if (contentType != null) {
            plain = plain.contentType(contentType);
        }
        Duration expiry = message.expiry();
        return expiry == null ? plain : plain.expiry(expiry);
    }

    void answered(ReplyRequest request, Message reply) {
        if (take(request)) {
            request.complete(reply);
        }
    }

    void fail(ReplyRequest request, Throwable cause) {
        if (take(request)) {
            request.completeExceptionally(cause);
        }
    }

    /** Notes a reply for which no request waits: it came late, or was not meant for this client. */
    void unmatched(Message message) {
        client.tolerated("a reply on '" + Utf8.printable(message.topic()) + "', for which no request waits");
    }

    /** Ends the wait of a request; false if that has ended already. */
    private boolean take(ReplyRequest request) {
        if (!open.remove(request)) {
            return false;
        }
        request.done = true;
        unrouted.remove(request);
        if (request.message != null) {
            request.message = null;
            admission.taken(request.size);
        }
        ReplyTopic topic = request.topic;
        if (topic != null) {
            topic.remove(request);
            dropIfIdle(topic);
        }
        return true;
    }

    /**
     * Unsubscribes from an idle topic. The shared topic stays for the next request; other topics are the program's, and
     * may be many.
     */
    private void dropIfIdle(ReplyTopic topic) {
        if (topic != shared && topic.isIdle() && topics.remove(topic.name(), topic)) {
            CompletableFuture<?> unused = client.unsubscribeAsync(TopicFilter.of(topic.name()));
        }
    }

    /** Fails the requests of a topic whose subscription the broker has refused, at once or on a later connection. */
    public void refused(Subscription subscription, MqttException cause) {
        ReplyTopic topic = topics.get(subscription.filter().toString());
        if (topic != null) {
            refused(topic, cause);
        }
    }

    private void refused(ReplyTopic topic, Throwable cause) {
        if (topics.remove(topic.name(), topic)) {
            if (topic == shared) {
                shared = null;
            }
            topic.all().forEach(request -> fail(request, cause));
        }
    }

    public void closed(ClientClosedException end) {
        cancelWake.run();
        List.copyOf(open).forEach(request -> fail(request, end));
    }

    private long now() {
        return System.nanoTime() - origin;
    }

    /** Sets the one timer of all requests to the nearest deadline, even if its request may be answered before. */
    private void wakeInTime() {
        if (!open.isEmpty() && open.first().deadline < wakeAt && client.end() == null) {
            cancelWake.run();
            wakeAt = open.first().deadline;
            cancelWake = client.schedule(this::wake, Math.max(0, wakeAt - now()));
        }
    }

    private void wake() {
        wakeAt = Long.MAX_VALUE;
        long now = now();
        while (!open.isEmpty() && open.first().deadline <= now) {
            ReplyRequest late = open.first();
            fail(
                    late,
                    new OperationTimeoutException(
                            "request to '" + late.to + "' has not been answered within " + late.timeout
                                    + (late.message == null ? "" : "; it waited to be sent"),
                            null));
        }
        wakeInTime();
    }
}
