package io.hawser.store.file;

import io.hawser.mqtt.StoreException;
import io.hawser.store.SessionLog;
import io.hawser.text.Utf8;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The health of an open session: why its files cannot be written, and what in them is damaged. It tells the log's listener of
 * changes. Any thread may ask.
 */
final class StoreHealth {
    private static final SessionLog.Listener NOBODY = new SessionLog.Listener() {
        @Override
        public void safePositionRose() {}

        @Override
        public void healthChanged() {}
    };

    private final String session;
    private final Path directory;
    /** The failure if there is no memory for another one. */
    private final StoreException withoutMemory;

    private volatile SessionLog.Listener listener = NOBODY;
    private volatile @Nullable StoreException failure;
    private volatile @Nullable StoreException damage;
    private volatile long lost;

    StoreHealth(String clientId, Path directory) {
        this.session = "session '" + Utf8.printable(clientId) + "'";
        this.directory = directory;
        this.withoutMemory = cannotBeWritten(new OutOfMemoryError());
    }

    void listen(SessionLog.Listener told) {
        listener = told;
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
        StoreException told;
        try {
            told = cannotBeWritten(because);
        } catch (Throwable e) {
            told = withoutMemory;
        }
        change(told);
    }

    private void change(@Nullable StoreException to) {
        boolean changed = (failure == null) != (to == null);
        failure = to;
        if (changed) {
            tellOfChange();
        }
    }

    /** Sets the damage that was found by the opening, before which nobody listens. */
    void found(@Nullable StoreException atOpening) {
        damage = atOpening;
    }

    /** Tells of damage if messages turned out to be lost. */
    void found(Journal journal) {
        if (lost != journal.lostSinceOpening) {
            lost = journal.lostSinceOpening;
            damage = journal.damage();
            tellOfChange();
        }
    }

    // A listener's throwable is the listener's own affair: the session's thread has others to serve.

    private void tellOfChange() {
        try {
            listener.healthChanged();
        } catch (Throwable e) {
            // nobody to be told
        }
    }

    void tellThatSafePositionRose() {
        try {
            listener.safePositionRose();
        } catch (Throwable e) {
            // nobody to be told
        }
    }

    private StoreException cannotBeWritten(Throwable because) {
        return new StoreException(
                session + " cannot be written to " + directory + ": " + because + "; tried again every second",
                because);
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
