package io.hawser.store.file;

import java.util.Arrays;

/** A set of numbers as ranges that neither overlap nor touch: small when what is in it comes in runs. */
final class LongRangeSet {
    private long[] starts = new long[2];
    private long[] ends = new long[2];
    private int size;

    int size() {
        return size;
    }

    long start(int i) {
        return starts[i];
    }

    long end(int i) {
        return ends[i];
    }

    boolean contains(long number) {
        int i = lastFrom(number);
        return i >= 0 && number <= ends[i];
    }

    /** The first number from this one on that is not in the set. */
    long firstOutside(long number) {
        int i = lastFrom(number);
        return i >= 0 && number <= ends[i] ? ends[i] + 1 : number;
    }

    /** Adds the numbers from start to end, both included, and returns how many of them are new. */
    long add(long start, long end) {
        int low = lastFrom(start);
        if (low < 0 || ends[low] + 1 < start) {
            low++;
        }
        long added = end - start + 1;
        long from = start;
        long to = end;
        int high = low;
        while (high < size && starts[high] <= end + 1) {
            long overlap = Math.min(ends[high], end) - Math.max(starts[high], start) + 1;
            added -= Math.max(0, overlap);
            from = Math.min(from, starts[high]);
            to = Math.max(to, ends[high]);
            high++;
        }
        replace(low, high, from, to);
        return added;
    }

    private void replace(int low, int high, long from, long to) {
        if (low == high && size == starts.length) {
            starts = Arrays.copyOf(starts, size * 2);
            ends = Arrays.copyOf(ends, size * 2);
        }
        System.arraycopy(starts, high, starts, low + 1, size - high);
        System.arraycopy(ends, high, ends, low + 1, size - high);
        starts[low] = from;
        ends[low] = to;
        size += 1 - (high - low);
    }

    /** The index of the last range that starts at the number or before, or -1. */
    private int lastFrom(long number) {
        int low = 0;
        int high = size - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (starts[middle] <= number) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }
}
