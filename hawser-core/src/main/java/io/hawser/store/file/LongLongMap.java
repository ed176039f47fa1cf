package io.hawser.store.file;

import java.util.Arrays;

/**
 * A map from positive numbers to positive numbers: a hash table with linear probing, so that nothing is allocated for an
 * entry. Zero says that there is none.
 */
final class LongLongMap {
    private static final int SMALLEST = 16;
    /** 2<sup>64</sup> divided by the golden ratio. */
    private static final long SPREAD = 0x9E37_79B9_7F4A_7C15L;

    private long[] keys = new long[SMALLEST];
    private long[] values = new long[SMALLEST];
    private int size;

    int size() {
        return size;
    }

    long get(long key) {
        return values[find(key)];
    }

    /** Returns what the key stood for before. */
    long put(long key, long value) {
        int i = find(key);
        long before = values[i];
        keys[i] = key;
        values[i] = value;
        if (before == 0 && ++size > keys.length / 2) {
            grow();
        }
        return before;
    }

    /** Returns what the key stood for. */
    long remove(long key) {
        int i = find(key);
        long before = values[i];
        if (before != 0) {
            size--;
            closeGap(i);
        }
        return before;
    }

    /** The keys, by size. */
    long[] sortedKeys() {
        return Arrays.stream(keys).filter(key -> key != 0).sorted().toArray();
    }

    private int find(long key) {
        int i = home(key);
        while (keys[i] != key && keys[i] != 0) {
            i = next(i);
        }
        return i;
    }

    /** Moves back what a removed entry had pushed on, so that no search ends early. */
    private void closeGap(int gap) {
        int i = next(gap);
        while (keys[i] != 0) {
            int home = home(keys[i]);
            boolean mayMove = gap <= i ? home <= gap || home > i : home <= gap && home > i;
            if (mayMove) {
                keys[gap] = keys[i];
                values[gap] = values[i];
                gap = i;
            }
            i = next(i);
        }
        keys[gap] = 0;
        values[gap] = 0;
    }

    private void grow() {
        long[] oldKeys = keys;
        long[] oldValues = values;
        keys = new long[oldKeys.length * 2];
        values = new long[keys.length];
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != 0) {
                int to = find(oldKeys[i]);
                keys[to] = oldKeys[i];
                values[to] = oldValues[i];
            }
        }
    }

    private int home(long key) {
        return (int) (key * SPREAD >>> Long.numberOfLeadingZeros(keys.length) + 1);
    }

    private int next(int i) {
        return (i + 1) & (keys.length - 1);
    }
}
