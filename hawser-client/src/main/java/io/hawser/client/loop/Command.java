package io.hawser.client.loop;

import io.hawser.mqtt.MqttException;
import org.jspecify.annotations.Nullable;

/** A command that any thread hands to a client's event loop, and a node of the list that it waits in; submitted once. */
interface Command extends Runnable {
    /** Running it has failed: whoever waits for it is told. */
    default void interrupted(MqttException cause) {}

    @Nullable
    Command nextCommand();

    void nextCommand(@Nullable Command next);

    /** A command that is nothing else. */
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

    /** A command that runs this. */
    static Command of(Runnable action) {
        return new Node() {
            @Override
            public void run() {
                action.run();
            }
        };
    }
}
