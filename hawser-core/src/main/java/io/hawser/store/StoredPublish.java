package io.hawser.store;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.PublishResult;
import org.jspecify.annotations.Nullable;

/** An accepted message and how far it has come. Its owner changes it; a store that keeps it sees the changes. */
public interface StoredPublish {
    /** The place in the order of acceptance: rising from message to message of a session, with gaps for what is not logged. */
    long sequence();

    Message message();

    /** The caller's name for the message, by which its outcome is told; null if it has none. */
    default @Nullable String key() {
        return null;
    }

    /** The packet identifier under which it was sent, or 0 if it has not been sent. */
    int packetId();

    /** Whether PUBREC has come, so that PUBREL is what must be repeated. */
    boolean released();

    /** Whether it may have arrived although the broker lost the session it was sent in, so that it may arrive twice. */
    default boolean possiblyDuplicated() {
        return false;
    }

    /** From this number of {@link #ends} on, a message is set aside. */
    int ASIDE = 3;

    /**
     * How many connections in a row the broker has ended when it got this message, as far as that is held against the
     * message: 0 if nothing is, 1 or 2 while it is accused, {@link #ASIDE} and more while it is set aside.
     */
    default int ends() {
        return 0;
    }

    /** How it ended well, once it is {@linkplain SessionLog#concluded concluded}; else null. */
    default @Nullable PublishResult result() {
        return null;
    }

    /** How it ended badly, once it is {@linkplain SessionLog#concluded concluded}; else null. */
    default @Nullable MqttException failure() {
        return null;
    }

    /** How long it had waited when the store handed it over, in nanoseconds; 0 if the store cannot tell. */
    default long ageNanos() {
        return 0;
    }
}
