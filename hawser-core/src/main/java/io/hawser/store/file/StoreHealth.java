package io.hawser.store.file;

import io.hawser.mqtt.StoreException;
import io.hawser.text.Utf8;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What is wrong with the files of a session, for whoever asks, and a call for who wants to be told. For any thread. */
final class StoreHealth {
    private final String session;
    private final Path directory;
    private volatile @Nullable Runnable watcher;
    private volatile @Nullable StoreException failure;
    private volatile @Nullable StoreException damage;
    private volatile long lost;

    StoreHealth(String clientId, Path directory) {
        this.session = "session '" + Utf8.printable(clientId) + "'";
        this.directory = directory;
    }

    void watch(Runnable changed) {
        watcher = changed;
    }

    /** Why nothing can be written, or null. */
    @Nullable
    StoreException failure() {
        return failure;
    }

    /** What was found unreadable, or null. */
    @Nullable
    StoreException damage() {
        return damage;
    }

    /** How many messages were found to be lost since the opening. */
    long lost() {
        return lost;
    }

    void works() {
        change(null);
    }

    void fails(Throwable because) {
        change(new StoreException(
                session + " cannot be written to " + directory + ": " + because + "; tried again every second",
                because));
    }

    private void change(@Nullable StoreException to) {
        boolean changed = (failure == null) != (to == null);
        failure = to;
        if (changed) {
            tell();
        }
    }

    void found(@Nullable StoreException atOpening) {
        damage = atOpening;
    }

    /** Tells of damage if messages turned out to be lost. */
    void found(Journal journal) {
        if (lost != journal.lostSinceOpening) {
            lost = journal.lostSinceOpening;
            damage = journal.damage();
            tell();
        }
    }

    private void tell() {
        Runnable call = watcher;
        if (call != null) {
            tell(call);
        }
    }

    /** Makes somebody's call, whose failure is the caller's own: others wait for this thread, too. */
    static void tell(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            // nobody to be told
        }
    }

    StoreException cannotBeOpened(Throwable because) {
        return new StoreException(session + " cannot be opened in " + directory + ": " + because, because);
    }

    StoreException cannotBeRead(Throwable because) {
        return new StoreException(session + " cannot be read from " + directory + ": " + because, because);
    }

    /** The session and its place. */
    @Override
    public String toString() {
        return session + " in " + directory;
    }
}
