package io.hawser.testing.store;

import io.hawser.store.SessionStore;
import io.hawser.testing.SessionStoreContract;

class MemorySessionStoreContractTest extends SessionStoreContract {
    private final SessionStore store = SessionStore.inMemory();

    @Override
    protected SessionStore store() {
        return store;
    }
}
