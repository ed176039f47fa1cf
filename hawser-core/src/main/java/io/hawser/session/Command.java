package io.hawser.session;

import io.hawser.mqtt.MqttException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A command that any thread hands to the thread of a session, and its own node of the list in which it waits; handed over once. */
public interface Command {
    /** The entrance of requests into a session, on the session's thread. */
    interface Intake {
        void publish(PublishRequest request);

        /** Takes the requests of one call. */
        void request(List<SubscriptionRequest> call);
    }

    void run(Intake intake);

    /** Tells the caller that running the command has failed. */
    default void interrupted(MqttException cause) {}

    /** The next node of the list. */
    @Nullable
    Command next();

    void next(@Nullable Command next);

    /** A command that carries nothing but its node. */
    abstract class Node implements Command {
        private @Nullable Command next;

        @Override
        public final @Nullable Command next() {
            return next;
        }

        @Override
        public final void next(@Nullable Command next) {
            this.next = next;
        }
    }

    /** A command that runs {@code action}. */
    static Command of(Runnable action) {
        return new Node() {
            @Override
            public void run(Intake intake) {
                action.run();
            }
        };
    }
}
