package io.hawser.client;

import io.hawser.mqtt.MqttException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Something that any thread hands to a client's event loop, and a node of the list that it waits in; submitted once. */
interface Submission {
    /** Does it, on the event loop. */
    void perform(Driver driver);

    /** {@link #perform} threw: whoever waits for it is told. */
    default void fail(MqttException cause) {}

    @Nullable
    Submission nextSubmission();

    void nextSubmission(@Nullable Submission next);

    /** A submission that is nothing else. */
    static Submission of(Consumer<Driver> action) {
        return new Submission() {
            private @Nullable Submission next;

            @Override
            public void perform(Driver driver) {
                action.accept(driver);
            }

            @Override
            public @Nullable Submission nextSubmission() {
                return next;
            }

            @Override
            public void nextSubmission(@Nullable Submission next) {
                this.next = next;
            }
        };
    }
}
