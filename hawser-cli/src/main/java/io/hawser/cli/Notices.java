package io.hawser.cli;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Tells what may happen again and again at growing intervals: at once, then not before 5 s, 10 s and so on, up to 10 minutes. */
final class Notices {
    private static final long FIRST_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(10);

    private final Consumer<String> out;
    private final LongSupplier clock;
    private final Map<String, Kind> kinds = new HashMap<>();

    /** What was told of one kind of notice. */
    private static final class Kind {
        long toldAt;
        long intervalNanos;
        long untold;
    }

    /** @param clock nanoseconds since any point in time */
    Notices(Consumer<String> out, LongSupplier clock) {
        this.out = out;
        this.clock = clock;
    }

    /** Tells the text, unless one of this kind was told not long ago; then it is counted, and the next one says how many. */
    synchronized void tell(String kind, String text) {
        long now = clock.getAsLong();
        Kind known = kinds.get(kind);
        if (known == null) {
            known = new Kind();
            kinds.put(kind, known);
        } else if (now - known.toldAt < known.intervalNanos) {
            known.untold++;
            return;
        }
        boolean over = known.untold == 0 && now - known.toldAt > 2 * known.intervalNanos;
        String before = known.untold == 0 ? "" : " (and " + known.untold + " times before)";
        known.intervalNanos =
                over || known.intervalNanos == 0 ? FIRST_NANOS : Math.min(LONGEST_NANOS, 2 * known.intervalNanos);
        known.toldAt = now;
        known.untold = 0;
        out.accept(text + before);
    }
}
