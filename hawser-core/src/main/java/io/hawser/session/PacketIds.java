package io.hawser.session;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Packet identifiers in use, 1 to 65,535, and what uses each: a ring in which each has its place by its lower bits. As they are
 * handed out one after the other, two rarely share one; then the later goes on to the next free place (linear probing). With
 * 65,536 places each identifier has its own.
 */
final class PacketIds<T> {
    static final int MAXIMUM = 65_535;
    private static final int SMALLEST = 16;
    private static final int LARGEST = 65_536;

    private static final @Nullable Object[] NOBODY = {};
    private static final char[] NONE = {};

    private @Nullable Object[] users = NOBODY;
    private char[] ids = NONE;
    private int size;
    /** How many are not in their place: while none is, nothing has to be searched. */
    private int displaced;

    private int last;

    int size() {
        return size;
    }

    boolean exhausted() {
        return size == MAXIMUM;
    }

    /** An identifier that is not in use [MQTT-2.3.1-2]: the next after the one handed out last. */
    int next() {
        if (exhausted()) {
            throw new IllegalStateException("all " + MAXIMUM + " packet identifiers are in use");
        }
        do {
            last = last == MAXIMUM ? 1 : last + 1;
        } while (get(last) != null);
        return last;
    }

    /** The one handed out last. */
    int last() {
        return last;
    }

    /** Goes on handing out identifiers behind this one. */
    void continueAfter(int id) {
        last = id;
    }

    @SuppressWarnings("unchecked") // only put() writes
    @Nullable
    T get(int id) {
        int i = find(id);
        return i < 0 ? null : (T) users[i];
    }

    /** Sets the user of an identifier, in place of any other. */
    void put(int id, T user) {
        int i = find(id);
        if (i >= 0) {
            users[i] = user;
        } else {
            add(id, user);
        }
    }

    /** Sets the user of an identifier that has none. */
    void add(int id, T user) {
        if (size >= users.length / 2 && users.length < LARGEST) {
            grow();
        }
        insert(id, user);
        size++;
    }

    @SuppressWarnings("unchecked") // only put() writes
    @Nullable
    T remove(int id) {
        int i = find(id);
        if (i < 0) {
            return null;
        }
        T user = (T) users[i];
        closeGap(i);
        size--;
        return user;
    }

    /** Frees an identifier if this is its user. Returns whether it was. */
    @SuppressWarnings("ReferenceEquality")
    boolean remove(int id, T user) {
        int i = find(id);
        if (i < 0 || users[i] != user) {
            return false;
        }
        closeGap(i);
        size--;
        return true;
    }

    void clear() {
        users = NOBODY;
        ids = NONE;
        size = 0;
        displaced = 0;
    }

    /** All users, in no order. */
    @SuppressWarnings("unchecked") // only put() writes
    List<T> users() {
        List<T> all = new ArrayList<>(size);
        for (Object user : users) {
            if (user != null) {
                all.add((T) user);
            }
        }
        return all;
    }

    private int find(int id) {
        if (size == 0) {
            return -1;
        }
        int mask = users.length - 1;
        int i = id & mask;
        if (displaced == 0) {
            return users[i] != null && ids[i] == id ? i : -1;
        }
        for (int probes = 0; probes <= mask && users[i] != null; probes++) {
            if (ids[i] == id) {
                return i;
            }
            i = (i + 1) & mask;
        }
        return -1;
    }

    private void insert(int id, Object user) {
        int mask = users.length - 1;
        int i = id & mask;
        if (users[i] != null) {
            displaced++;
        }
        while (users[i] != null) {
            i = (i + 1) & mask;
        }
        users[i] = user;
        ids[i] = (char) id;
    }

    /** Empties a place, and moves back what had been pushed on by it, so that no search ends early. */
    private void closeGap(int removed) {
        if (displaced == 0) {
            users[removed] = null;
            return;
        }
        int mask = users.length - 1;
        int gap = removed;
        if ((ids[gap] & mask) != gap) {
            displaced--;
        }
        for (int i = gap + 1 & mask; users[i] != null; i = i + 1 & mask) {
            int home = ids[i] & mask;
            boolean mayMove = gap <= i ? home <= gap || home > i : home <= gap && home > i;
            if (mayMove) {
                users[gap] = users[i];
                ids[gap] = ids[i];
                if (gap == home) {
                    displaced--;
                }
                gap = i;
            }
        }
        users[gap] = null;
    }

    private void grow() {
        @Nullable Object[] oldUsers = users;
        char[] oldIds = ids;
        users = new Object[Math.max(SMALLEST, oldUsers.length * 2)];
        ids = new char[users.length];
        displaced = 0;
        for (int i = 0; i < oldUsers.length; i++) {
            Object user = oldUsers[i];
            if (user != null) {
                insert(oldIds[i], user);
            }
        }
    }
}
