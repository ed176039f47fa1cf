package io.hawser.testing.store;

import io.hawser.store.SessionStore;
import io.hawser.testing.SessionStoreContract;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A store that somebody else has written. */
class DatabaseStoreContractTest extends SessionStoreContract {
    @TempDir
    Path directory;

    private SessionStore store;

    @BeforeEach
    void makeStore() {
        store = new DatabaseStore("jdbc:h2:" + directory.resolve("sessions") + ";DB_CLOSE_ON_EXIT=FALSE");
    }

    @Override
    protected SessionStore store() {
        return store;
    }
}
