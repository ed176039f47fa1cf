package io.hawser.client.loop;

import io.hawser.mqtt.MqttException;
import org.jspecify.annotations.Nullable;

/**
 * A command that any thread hands to a client's event loop, and its own node of the mailbox's list; submitted once.
 */
interface Command extends Runnable {
    /** Tells the caller that running the command has failed. */
    default void interrupted(MqttException cause) {}

    @Nullable
    Command nextCommand();

    void nextCommand(@Nullable Command next);

    /** A command that carries nothing but its node. */
    abstract class Node implements Command {
        private @Nullable Command next;

        @Override
        public final @Nullable Command nextCommand() {
            return next;
        }

        @Override
        public final void nextCommand(@Nullable Command next) {
            this.next = next;
        }
    }

    /** A command that runs {@code action}. */
    static Command of(Runnable action) {
        return new Node() {
            @Override
            public void run() {
                action.run();
            }
        };
    }
}
