package io.hawser.session;

import io.hawser.mqtt.SubscribeResult;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.UnsubscribeResult;
import io.hawser.mqtt.UserProperty;
import io.hawser.text.Utf8;
import io.hawser.wire.Properties;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A call of the program that concerns several filters at once, or says user properties with them: what the requests of the call have in
 * common, and the future of all their results. The requests go into one packet as far as limits allow, and one handler takes each message
 * of theirs once.
 */
public final class SubscriptionCall extends Request<Object> {
    private final Properties properties;
    /** The client's own subscription identifier for the filters of this call, so that they can share a packet. */
    private final int identifier;
    /** Those of this call, until all are answered. */
    private List<SubscriptionRequest> requests = new ArrayList<>();

    private int unanswered;

    private SubscriptionCall(List<TopicFilter> filters, List<UserProperty> userProperties, @Nullable Watch watch) {
        super(watch);
        if (filters.isEmpty()) {
            throw new IllegalArgumentException("filters is empty, must have at least one [MQTT-3.8.3-2]");
        }
        Set<TopicFilter> seen = new HashSet<>();
        for (TopicFilter filter : filters) {
            if (!seen.add(filter)) {
                throw new IllegalArgumentException(
                        "filter '" + Utf8.printable(filter.toString()) + "' is given twice, must be once in a call");
            }
        }
        properties = Properties.explaining("", userProperties);
        identifier = SubscriptionIds.of(filters);
        unanswered = filters.size();
    }

    /**
     * A call that subscribes, with one handler for all filters.
     *
     * @throws IllegalArgumentException if there is no filter, one is there twice, or a user property cannot be sent
     */
    public static SubscriptionCall subscribing(
            List<Subscription> subscriptions,
            List<UserProperty> userProperties,
            @Nullable Object handler,
            @Nullable Watch watch) {
        SubscriptionCall call = new SubscriptionCall(
                subscriptions.stream().map(Subscription::filter).toList(), userProperties, watch);
        subscriptions.forEach(each -> call.requests.add(new SubscriptionRequest(each, handler, call)));
        return call;
    }

    /**
     * A call that unsubscribes.
     *
     * @throws IllegalArgumentException as {@link #subscribing} does
     */
    public static SubscriptionCall unsubscribing(
            List<TopicFilter> filters, List<UserProperty> userProperties, @Nullable Watch watch) {
        SubscriptionCall call = new SubscriptionCall(filters, userProperties, watch);
        filters.forEach(each -> call.requests.add(new SubscriptionRequest(each, call)));
        return call;
    }

    @Override
    public void run(Intake intake) {
        intake.request(requests);
    }

    /** The requests of this call, until all are answered. */
    public List<SubscriptionRequest> requests() {
        return requests;
    }

    /** One more request of this call has its result. */
    void answered() {
        unanswered--;
        if (unanswered == 0) {
            List<Object> results = new ArrayList<>();
            requests.forEach(request -> results.add(Objects.requireNonNull(request.result)));
            requests = List.of();
            complete(List.copyOf(results));
        }
    }

    /** The future of a call that subscribes. */
    @SuppressWarnings("unchecked")
    public CompletableFuture<List<SubscribeResult>> subscribed() {
        return (CompletableFuture<List<SubscribeResult>>) (CompletableFuture<?>) this;
    }

    /** The future of a call that unsubscribes. */
    @SuppressWarnings("unchecked")
    public CompletableFuture<List<UnsubscribeResult>> unsubscribed() {
        return (CompletableFuture<List<UnsubscribeResult>>) (CompletableFuture<?>) this;
    }

    /** The user properties of SUBSCRIBE or UNSUBSCRIBE. */
    Properties properties() {
        return properties;
    }

    int identifier() {
        return identifier;
    }
}
