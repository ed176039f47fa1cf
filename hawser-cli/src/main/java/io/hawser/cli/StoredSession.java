package io.hawser.cli;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.StoreException;
import io.hawser.mqtt.Subscription;
import io.hawser.store.SessionContents;
import io.hawser.store.SessionContents.StoredPublish;
import io.hawser.store.SessionLog;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the log of a session holds. */
final class StoredSession {
    private static final int PAGE_MESSAGES = 4096;
    private static final long PAGE_BYTES = 2L * 1024 * 1024;

    private final SessionContents contents;
    /** In flight, or ended and not heard of; everything else waits. */
    private final List<StoredPublish> held = new ArrayList<>();

    private final List<Subscription> subscriptions = new ArrayList<>();
    private int received;

    /** Reads contents that have not been replayed. */
    StoredSession(SessionContents contents) {
        this.contents = contents;
        contents.replay(
                publish -> {
                    held.add(publish);
                    return publish;
                },
                packetId -> received++,
                subscriptions::add);
    }

    List<StoredPublish> held() {
        return held;
    }

    List<Subscription> subscriptions() {
        return subscriptions;
    }

    /** Identifiers of received QoS 2 messages. */
    int received() {
        return received;
    }

    /** Reads all messages in the order in which they were accepted. */
    void forEach(Consumer<StoredPublish> taker) {
        int next = 0;
        long after = 0;
        for (List<StoredPublish> page = page(after); !page.isEmpty(); page = page(after)) {
            for (StoredPublish waiting : page) {
                while (next < held.size() && held.get(next).sequence() < waiting.sequence()) {
                    taker.accept(held.get(next++));
                }
                taker.accept(waiting);
            }
            after = page.get(page.size() - 1).sequence();
        }
        held.subList(next, held.size()).forEach(taker);
    }

    private List<StoredPublish> page(long after) {
        try {
            return contents.read(after, PAGE_MESSAGES, PAGE_BYTES).join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof StoreException known ? known : e;
        }
    }

    /** Messages on which the broker has ended connections, and which are tried alone. */
    List<StoredPublish> setAside() {
        List<StoredPublish> found = new ArrayList<>();
        forEach(publish -> {
            if (isSetAside(publish)) {
                found.add(publish);
            }
        });
        return found;
    }

    static boolean isSetAside(StoredPublish publish) {
        return publish.ends() >= StoredPublish.ASIDE && !isConcluded(publish);
    }

    static boolean isConcluded(StoredPublish publish) {
        return publish.result() != null || publish.failure() != null;
    }

    /** The next client is to send a message as any other. */
    static void retry(StoredPublish publish, SessionLog log) {
        log.suspected(new Changed(publish, null));
    }

    /** The next client is not to send a message; if it has a key, it hears this as its outcome. */
    static void drop(StoredPublish publish, MqttException cause, SessionLog log) {
        Changed dropped = new Changed(publish, cause);
        if (publish.key() == null) {
            log.settled(dropped);
        } else {
            log.concluded(dropped);
        }
    }

    /** A message against which nothing is held any more. */
    private record Changed(StoredPublish publish, @Nullable MqttException failure) implements StoredPublish {
        @Override
        public long sequence() {
            return publish.sequence();
        }

        @Override
        public Message message() {
            return publish.message();
        }

        @Override
        public @Nullable String key() {
            return publish.key();
        }

        @Override
        public int packetId() {
            return publish.packetId();
        }

        @Override
        public boolean released() {
            return publish.released();
        }
    }
}
