package io.hawser.client.request;

import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.ConnectResult;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.session.Command;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The part of a client that requests use. */
public interface Messaging {
    CompletableFuture<PublishResult> publishAsync(Message message);

    /**
     * Subscribes to replies: {@link ReplyTopic#takeReply} gets the messages, with {@code replies} among their handlers.
     */
    CompletableFuture<?> subscribeToReplies(Subscription subscription, Object replies);

    CompletableFuture<?> unsubscribeAsync(TopicFilter filter);

    /** Runs the command on the event loop, after those before it. */
    void submit(Command command);

    /** Runs the task on the event loop after the delay; the returned call cancels it. */
    Runnable schedule(Runnable task, long delayNanos);

    /** The broker's answer to the last connection that it accepted, or null; on the event loop. */
    @Nullable
    ConnectResult accepted();

    /** The reason for the end of the client, or null; on the event loop. */
    @Nullable
    ClientClosedException end();

    /** Notes that an unexpected packet came that does no harm. */
    void tolerated(String what);
}
