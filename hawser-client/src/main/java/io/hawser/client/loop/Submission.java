package io.hawser.client.loop;

import io.hawser.mqtt.MqttException;
import org.jspecify.annotations.Nullable;

/** A command that any thread hands to a client's event loop, and a node of the list that it waits in; submitted once. */
interface Submission extends Runnable {
    /** Running it has failed: whoever waits for it is told. */
    default void interrupted(MqttException cause) {}

    @Nullable
    Submission nextSubmission();

    void nextSubmission(@Nullable Submission next);

    /** A submission that is nothing else. */
    abstract class Node implements Submission {
        private @Nullable Submission next;

        @Override
        public final @Nullable Submission nextSubmission() {
            return next;
        }

        @Override
        public final void nextSubmission(@Nullable Submission next) {
            this.next = next;
        }
    }

    /** A submission that runs this. */
    static Submission of(Runnable action) {
        return new Node() {
            @Override
            public void run() {
                action.run();
            }
        };
    }
}
