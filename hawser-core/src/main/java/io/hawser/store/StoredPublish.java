package io.hawser.store;

import io.hawser.mqtt.Message;

/** An accepted message and how far it has come. Its owner changes it; a store that keeps it sees the changes. */
public interface StoredPublish {
    /** The place in the order of acceptance: rising by one from message to message of a session. */
    long sequence();

    Message message();

    /** The packet identifier under which it was sent, or 0 if it has not been sent. */
    int packetId();

    /** Whether PUBREC has come, so that PUBREL is what must be repeated. */
    boolean released();
}
