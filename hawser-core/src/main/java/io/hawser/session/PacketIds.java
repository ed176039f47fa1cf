package io.hawser.session;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Packet identifiers in use, 1 to 65,535, and what uses each: a hash table with linear probing. Identifiers are handed out
 * one after the other; their hash spreads such runs evenly, so that searches are short and gaps are closed at once. With
 * 65,536 slots each identifier has its own.
 */
final class PacketIds<T> {
    static final int MAXIMUM = 65_535;
    private static final int SMALLEST = 16;
    private static final int LARGEST = 65_536;
    /** 2<sup>16</sup> divided by the golden ratio; being odd, it gives each identifier another 16 bits. */
    private static final int SPREAD = 40_503;

    private static final @Nullable Object[] NOBODY = {};
    private static final char[] NONE = {};

    private @Nullable Object[] users = NOBODY;
    private char[] ids = NONE;
    private int size;
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

    /** The slot where the search for an identifier begins: the upper bits of its 16. */
    private int home(int id) {
        return (id * SPREAD & 0xFFFF) >>> Integer.numberOfLeadingZeros(users.length) - 15;
    }

    private int find(int id) {
        int mask = users.length - 1;
        int i = home(id);
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
        int i = home(id);
        while (users[i] != null) {
            i = (i + 1) & mask;
        }
        users[i] = user;
        ids[i] = (char) id;
    }

    /** Moves back what a removed entry had pushed on, so that no search ends early. */
    private void closeGap(int gap) {
        int mask = users.length - 1;
        int i = gap;
        while (users.length < LARGEST) {
            i = (i + 1) & mask;
            if (users[i] == null) {
                break;
            }
            int home = home(ids[i]);
            boolean mayMove = gap <= i ? home <= gap || home > i : home <= gap && home > i;
            if (mayMove) {
                users[gap] = users[i];
                ids[gap] = ids[i];
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
        for (int i = 0; i < oldUsers.length; i++) {
            Object user = oldUsers[i];
            if (user != null) {
                insert(oldIds[i], user);
            }
        }
    }
}
