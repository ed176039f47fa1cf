package io.hawser.store;

import io.hawser.store.SessionContents.StoredPublish;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Open publishes by sequence: a hash table with linear probing, so that nothing is allocated for an entry. Sequences are
 * handed out one after the other; their hash spreads such runs evenly, so that searches are short and gaps are closed at
 * once.
 */
final class LongObjectMap {
    private static final int SMALLEST = 16;
    /** 2<sup>64</sup> divided by the golden ratio. */
    private static final long SPREAD = 0x9E37_79B9_7F4A_7C15L;

    private @Nullable StoredPublish[] slots = new StoredPublish[SMALLEST];
    private int size;

    void add(StoredPublish publish) {
        if (size >= slots.length / 2) {
            grow();
        }
        insert(publish);
        size++;
    }

    private void insert(StoredPublish publish) {
        int i = home(publish);
        while (slots[i] != null) {
            i = next(i);
        }
        slots[i] = publish;
    }

    /** Puts another object in the place of the entry of its sequence. */
    void replace(StoredPublish publish) {
        int i = find(publish);
        if (i >= 0) {
            slots[i] = publish;
        }
    }

    void remove(StoredPublish publish) {
        int i = find(publish);
        if (i >= 0) {
            closeGap(i);
            size--;
        }
    }

    private int find(StoredPublish publish) {
        int i = home(publish);
        while (true) {
            StoredPublish found = slots[i];
            if (found == null) {
                return -1;
            }
            if (found.sequence() == publish.sequence()) {
                return i;
            }
            i = next(i);
        }
    }

    /** Moves back what a removed entry had pushed on, so that no search ends early. */
    private void closeGap(int gap) {
        int i = gap;
        while (true) {
            i = next(i);
            StoredPublish candidate = slots[i];
            if (candidate == null) {
                slots[gap] = null;
                return;
            }
            int home = home(candidate);
            boolean mayMove = gap <= i ? home <= gap || home > i : home <= gap && home > i;
            if (mayMove) {
                slots[gap] = candidate;
                gap = i;
            }
        }
    }

    /** A sorted copy, lowest sequence first. */
    StoredPublish[] inOrder() {
        StoredPublish[] all = Arrays.stream(slots).filter(Objects::nonNull).toArray(StoredPublish[]::new);
        Arrays.sort(all, Comparator.comparingLong(StoredPublish::sequence));
        return all;
    }

    private void grow() {
        @Nullable StoredPublish[] old = slots;
        slots = new StoredPublish[old.length * 2];
        for (StoredPublish publish : old) {
            if (publish != null) {
                insert(publish);
            }
        }
    }

    private int home(StoredPublish publish) {
        return (int) (publish.sequence() * SPREAD >>> Long.numberOfLeadingZeros(slots.length) + 1);
    }

    private int next(int i) {
        return (i + 1) & (slots.length - 1);
    }
}
