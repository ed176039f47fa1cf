package io.hawser.client.request;

import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.ConnectResult;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What requests need of their client. */
public interface Messaging {
    CompletableFuture<PublishResult> publishAsync(Message message);

    /** Subscribes; what comes is given to {@link ReplyTopic#takeReply} with {@code replies} among its handlers. */
    CompletableFuture<?> subscribeToReplies(Subscription subscription, Object replies);

    CompletableFuture<Void> unsubscribeAsync(TopicFilter filter);

    /** Runs the task on the event loop, after those before it. */
    void submit(Runnable task);

    /** Runs the task on the event loop after the delay; the returned call cancels it. */
    Runnable schedule(Runnable task, long delayNanos);

    /** What the broker said when it accepted the last connection, or null; on the event loop. */
    @Nullable
    ConnectResult accepted();

    /** Why nothing can be requested any more, or null; on the event loop. */
    @Nullable
    ClientClosedException end();

    /** Something came that is not expected, and does no harm. */
    void tolerated(String what);
}
