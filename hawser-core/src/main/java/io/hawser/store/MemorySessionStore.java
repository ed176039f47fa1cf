package io.hawser.store;

import io.hawser.mqtt.StoreException;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.store.SessionContents.StoredPublish;
import io.hawser.text.Utf8;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;

/** The store of {@link SessionStore#inMemory}. */
final class MemorySessionStore implements SessionStore {
    private final Map<String, Log> sessions = new ConcurrentHashMap<>();

    @Override
    public SessionLog open(String clientId) {
        return sessions.compute(clientId, (id, last) -> {
            if (last != null && last.open) {
                throw new StoreException(
                        "session '" + Utf8.printable(id) + "' is open in another client of this process", null);
            }
            return last == null ? new Log() : new Log(last);
        });
    }

    private static final class Log implements SessionLog {
        private final LongObjectMap publishes;
        private final Map<TopicFilter, Subscription> subscriptions;
        private final BitSet received;
        /** Cleared by the client that leaves, for itself only: the next has a log of its own. */
        private volatile boolean open = true;

        Log() {
            publishes = new LongObjectMap();
            subscriptions = new LinkedHashMap<>();
            received = new BitSet();
        }

        /** Takes over what the last client left. */
        Log(Log last) {
            publishes = last.publishes;
            subscriptions = last.subscriptions;
            received = last.received;
        }

        @Override
        public void replay(
                UnaryOperator<StoredPublish> publishes, IntConsumer received, Consumer<Subscription> subscriptions) {
            for (StoredPublish publish : this.publishes.inOrder()) {
                this.publishes.replace(publishes.apply(publish));
            }
            this.received.stream().forEach(received);
            this.subscriptions.values().forEach(subscriptions);
        }

        @Override
        public void accepted(StoredPublish publish) {
            publishes.add(publish);
        }

        // What is stored is the client's own object, which knows by itself whether it was sent, released and concluded.

        @Override
        public void sent(StoredPublish publish) {}

        @Override
        public void unsent(StoredPublish publish) {}

        @Override
        public void released(StoredPublish publish) {}

        @Override
        public void concluded(StoredPublish publish) {}

        @Override
        public void settled(StoredPublish publish) {
            publishes.remove(publish);
        }

        @Override
        public void received(int packetId) {
            received.set(packetId);
        }

        @Override
        public void forgotten(int packetId) {
            received.clear(packetId);
        }

        @Override
        public void subscribed(Subscription subscription) {
            subscriptions.put(subscription.filter(), subscription);
        }

        @Override
        public void unsubscribed(TopicFilter filter) {
            subscriptions.remove(filter);
        }

        @Override
        public long sync() {
            return 0;
        }

        @Override
        public void close() {
            open = false;
        }
    }
}
