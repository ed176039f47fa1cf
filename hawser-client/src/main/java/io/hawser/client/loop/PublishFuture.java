package io.hawser.client.loop;

import io.hawser.client.delivery.ClientFuture;
import io.hawser.client.delivery.Waits;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.MqttException;
import io.hawser.session.PublishRequest;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A publish with the future of its outcome, whose waits are watched as those of a {@link ClientFuture} are. */
public final class PublishFuture extends PublishRequest implements Command {
    /**
     * The future of an enqueued message, which completes when the message is safe; null if the message was published.
     */
    private final @Nullable CompletableFuture<Void> acceptance;

    private final Intake intake;
    private @Nullable Command next;

    public PublishFuture(
            Message message, @Nullable String key, @Nullable CompletableFuture<Void> acceptance, Intake intake) {
        super(message, key);
        this.intake = intake;
        this.acceptance = acceptance;
    }

    @Override
    protected boolean durable() {
        return acceptance != null || super.durable();
    }

    /**
     * Whether the future of the outcome is awaited; the outcome of an enqueued message is told by its key, if at all.
     */
    @Override
    protected boolean awaited() {
        return acceptance == null;
    }

    boolean enqueued() {
        return acceptance != null;
    }

    /** Completes the acceptance, because the message is as safe as the store promises. */
    void accept() {
        if (acceptance != null) {
            acceptance.complete(null);
        }
    }

    /** Fails the message, and its acceptance if that is not complete. */
    public void fail(MqttException cause) {
        completeExceptionally(cause);
        if (acceptance != null) {
            acceptance.completeExceptionally(cause);
        }
    }

    /**
     * Fails the message if the session did not get it; a message that the session has is sent and settled like any
     * other.
     */
    @Override
    public void interrupted(MqttException cause) {
        if (sequence() == 0) {
            fail(cause);
        } else if (acceptance != null) {
            acceptance.completeExceptionally(cause);
        }
    }

    @Override
    public void run() {
        intake.publish(this);
    }

    @Override
    public @Nullable Command nextCommand() {
        return next;
    }

    @Override
    public void nextCommand(@Nullable Command next) {
        this.next = next;
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new ClientFuture<>(intake.dispatcher());
    }

    @Override
    protected @Nullable Object waitBegins() {
        return Waits.begin(intake.dispatcher());
    }

    @Override
    protected void waitEnds(@Nullable Object begun) {
        Waits.end(begun);
    }
}
