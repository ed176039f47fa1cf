package io.hawser.store;

/**
 * A place for sessions that outlives connections and client objects: messages accepted and not over, packet identifiers of
 * received QoS 2 messages, and subscriptions [MQTT-4.1.0-1]. One store serves any number of client identifiers and clients.
 *
 * <p>A program implements this, {@link SessionLog} and nothing else to keep sessions in a place of its own. The test class
 * {@code SessionStoreContract} of {@code hawser-testing} checks an implementation.
 */
public interface SessionStore {
    /**
     * Opens the session of a client identifier, new or as the last client left it. A client calls this once, when it is built, on
     * the thread that builds it, which may be blocked. The client identifier is any string of up to 65,535 bytes in UTF-8, the
     * empty one included.
     *
     * @throws io.hawser.mqtt.StoreException if another client has the session open, or the session cannot be read; building the
     *     client fails with it
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

    /** The promise of a store for an entry before anything that depends on the entry happens. */
    enum Durability {
        /**
         * The entry has been handed to the operating system: it survives the end of the process, however sudden, but not of the
         * machine.
         */
        PROCESS,
        /** The entry has been forced to the disk, together with others that waited: it survives a power cut. */
        POWER,
        /** None: entries are written and forced in the background, and those of the last interval may be lost. */
        LAZY
    }
}
