package io.hawser.testing.store;

import io.hawser.store.SessionStore;
import io.hawser.store.SessionStore.Durability;
import io.hawser.store.file.FileSessionStore;
import io.hawser.testing.SessionStoreContract;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

class FileSessionStoreContractTest {
    @TempDir
    Path directory;

    @Nested
    class Process extends SessionStoreContract {
        @Override
        protected SessionStore store() {
            return FileSessionStore.at(directory);
        }
    }

    @Nested
    class Power extends SessionStoreContract {
        @Override
        protected SessionStore store() {
            return FileSessionStore.at(directory).durability(Durability.POWER);
        }
    }

    @Nested
    class Lazy extends SessionStoreContract {
        @Override
        protected SessionStore store() {
            return FileSessionStore.at(directory).durability(Durability.LAZY);
        }
    }

    @Nested
    class InSmallSegments extends SessionStoreContract {
        @Override
        protected SessionStore store() {
            return FileSessionStore.at(directory).segmentBytes(FileSessionStore.LEAST_SEGMENT_BYTES);
        }
    }
}
