package io.hawser.store;

/**
 * Keeps sessions beyond the connection and the client object: messages accepted and not finally acknowledged, identifiers of
 * received QoS 2 messages, and subscriptions [MQTT-4.1.0-1]. One store serves any number of client identifiers.
 */
public interface SessionStore {
    /**
     * Opens the session of a client identifier, new or as the last client left it.
     *
     * @throws io.hawser.mqtt.StoreException if another client has it open, or the store cannot be read
     */
    SessionLog open(String clientId);

    /**
     * A store that keeps sessions in memory: they outlive the connection and the client object, not the process. A client that
     * is given the store another client with the same client identifier was closed with resumes that client's session. Safe
     * for use by many threads.
     */
    static SessionStore inMemory() {
        return new MemorySessionStore();
    }
}
