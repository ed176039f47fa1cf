package io.hawser.client.api;

import io.hawser.mqtt.StoreException;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.store.SessionContents.StoredPublish;
import io.hawser.store.SessionLog;
import io.hawser.store.SessionStore;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A store whose safety comes late, or never, as the test says; it keeps everything in memory. */
final class ScriptedStore implements SessionStore {
    private final SessionStore memory = SessionStore.inMemory();
    /** One for each sync that was to be late. */
    private long position;

    private long safePosition;
    private boolean late;
    private volatile @Nullable RuntimeException failure;
    private volatile @Nullable String failing;
    private volatile @Nullable StoreException trouble;
    private volatile SessionLog.Listener listener;

    /** From now on nothing is safe until {@link #sync}. */
    synchronized ScriptedStore late() {
        late = true;
        return this;
    }

    /** From now on this method of the log throws. */
    ScriptedStore fail(String method, RuntimeException cause) {
        failure = cause;
        failing = method;
        return this;
    }

    /** From now on nothing can be made safe for this reason; null for no longer. */
    void trouble(@Nullable StoreException cause) {
        trouble = cause;
        listener.healthChanged();
    }

    synchronized int waiting() {
        return (int) (position - safePosition);
    }

    /** Everything that waits is safe now, and nothing that comes meanwhile; told by this thread, in one step if {@code atOnce}. */
    void sync(boolean atOnce) {
        long end = end();
        while (rises(atOnce ? end : 1, end)) {
            listener.safePositionRose();
        }
    }

    private synchronized long end() {
        return position;
    }

    private synchronized boolean rises(long steps, long end) {
        boolean rises = safePosition < end;
        safePosition = Math.max(safePosition, Math.min(end, safePosition + steps));
        return rises;
    }

    /** Everything is safe, and will be at once. */
    void punctual() {
        synchronized (this) {
            late = false;
        }
        sync(false);
    }

    private void throwIf(String method) {
        RuntimeException cause = failure;
        if (cause != null && method.equals(failing)) {
            throw cause;
        }
    }

    @Override
    public SessionLog open(String clientId) {
        throwIf("open");
        return new Log(memory.open(clientId));
    }

    private final class Log implements SessionLog {
        private final SessionLog log;

        Log(SessionLog log) {
            this.log = log;
        }

        @Override
        public void replay(
                UnaryOperator<StoredPublish> publishes, IntConsumer received, Consumer<Subscription> subscriptions) {
            throwIf("replay");
            log.replay(publishes, received, subscriptions);
        }

        @Override
        public void accepted(StoredPublish publish) {
            throwIf("accepted");
            log.accepted(publish);
        }

        @Override
        public void sent(StoredPublish publish) {
            throwIf("sent");
            log.sent(publish);
        }

        @Override
        public void unsent(StoredPublish publish) {
            throwIf("unsent");
            log.unsent(publish);
        }

        @Override
        public void released(StoredPublish publish) {
            throwIf("released");
            log.released(publish);
        }

        @Override
        public void concluded(StoredPublish publish) {
            throwIf("concluded");
            log.concluded(publish);
        }

        @Override
        public void settled(StoredPublish publish) {
            throwIf("settled");
            log.settled(publish);
        }

        @Override
        public void received(int packetId) {
            throwIf("received");
            log.received(packetId);
        }

        @Override
        public void forgotten(int packetId) {
            throwIf("forgotten");
            log.forgotten(packetId);
        }

        @Override
        public void subscribed(Subscription subscription) {
            throwIf("subscribed");
            log.subscribed(subscription);
        }

        @Override
        public void unsubscribed(TopicFilter filter) {
            throwIf("unsubscribed");
            log.unsubscribed(filter);
        }

        @Override
        public long sync() {
            throwIf("sync");
            synchronized (ScriptedStore.this) {
                if (late) {
                    position++;
                }
                return position;
            }
        }

        @Override
        public long safePosition() {
            synchronized (ScriptedStore.this) {
                return safePosition;
            }
        }

        @Override
        public boolean isAsynchronous() {
            return true;
        }

        @Override
        public void listen(Listener told) {
            listener = told;
        }

        @Override
        public @Nullable StoreException failure() {
            return trouble;
        }

        /** As if nothing had ever been safe. */
        @Override
        public long rollback() {
            return 0;
        }

        @Override
        public void close() {
            log.close();
            throwIf("close");
        }
    }
}
