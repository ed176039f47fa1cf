package io.hawser.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * What became of numbered messages, at each QoS: published, delivered (each counted once), delivered again, lost. Safe for
 * use by many threads.
 */
final class Tally {
    static final String KEPT = "Nothing lost at QoS 1 and 2, no duplicates at QoS 2";
    static final String BROKEN = "The promise is BROKEN: see lost at QoS 1 and 2 and duplicates at QoS 2";
    private static final String[] PROMISES = {"at most once", "at least once", "exactly once"};

    private final HtmlReport.Samples publishing = new HtmlReport.Samples();
    private final HtmlReport.Samples delivering = new HtmlReport.Samples();
    private final AtomicInteger[] published = counters();
    private final AtomicInteger[] delivered = counters();
    private final AtomicInteger[] duplicates = counters();
    private final AtomicIntegerArray[] sent;
    private final AtomicIntegerArray[] arrivals;

    Tally(int messages) {
        sent = arrays(messages);
        arrivals = arrays(messages);
    }

    private static AtomicIntegerArray[] arrays(int length) {
        return new AtomicIntegerArray[] {
            new AtomicIntegerArray(length), new AtomicIntegerArray(length), new AtomicIntegerArray(length)
        };
    }

    private static AtomicInteger[] counters() {
        return new AtomicInteger[] {new AtomicInteger(), new AtomicInteger(), new AtomicInteger()};
    }

    void published(int qos, int number) {
        sent[qos].set(number, 1);
        published[qos].incrementAndGet();
    }

    void delivered(int qos, int number) {
        if (arrivals[qos].getAndIncrement(number) == 0) {
            delivered[qos].incrementAndGet();
        } else {
            duplicates[qos].incrementAndGet();
        }
    }

    int publishedInAll() {
        return published[0].get() + published[1].get() + published[2].get();
    }

    int deliveredInAll() {
        return delivered[0].get() + delivered[1].get() + delivered[2].get();
    }

    int lost(int qos) {
        return published[qos].get() - delivered[qos].get();
    }

    /** Notes for a chart how far it is at this time. */
    void sample(double seconds) {
        publishing.add(seconds, publishedInAll());
        delivering.add(seconds, deliveredInAll());
    }

    /** How many were published and delivered over time. */
    List<HtmlReport.Series> curves() {
        return List.of(
                new HtmlReport.Series("published", publishing.counts()),
                new HtmlReport.Series("delivered", delivering.counts()));
    }

    /** Nothing is missing where nothing may be missing. */
    boolean complete() {
        return lost(1) == 0 && lost(2) == 0;
    }

    /** Complete, and nothing has come twice at QoS 2. */
    boolean promiseKept() {
        return complete() && duplicates[2].get() == 0;
    }

    /** What broke the promise, line by line; empty if nothing did. */
    String breaches() {
        StringBuilder text = new StringBuilder();
        for (int qos = 1; qos < 3; qos++) {
            for (int number = 0; number < arrivals[qos].length(); number++) {
                int times = arrivals[qos].get(number);
                if (times < sent[qos].get(number) || qos == 2 && times > 1) {
                    text.append(
                            String.format(Locale.ROOT, "QoS %d, message %d: arrived %d times%n", qos, number, times));
                }
            }
        }
        return text.toString();
    }

    /** The table as cells. */
    List<List<String>> rows() {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("", "published", "delivered", "duplicates", "lost", "promise"));
        for (int qos = 0; qos < 3; qos++) {
            rows.add(List.of(
                    "QoS " + qos,
                    String.valueOf(published[qos]),
                    String.valueOf(delivered[qos]),
                    String.valueOf(duplicates[qos]),
                    String.valueOf(lost(qos)),
                    PROMISES[qos]));
        }
        return rows;
    }

    String table() {
        StringBuilder table = new StringBuilder(String.format(
                Locale.ROOT, "%-9s%11s%11s%12s%7s%n", "", "published", "delivered", "duplicates", "lost"));
        for (int qos = 0; qos < 3; qos++) {
            table.append(String.format(
                    Locale.ROOT,
                    "  QoS %d  %11d%11d%12d%7d   %s%n",
                    qos,
                    published[qos].get(),
                    delivered[qos].get(),
                    duplicates[qos].get(),
                    lost(qos),
                    PROMISES[qos]));
        }
        return table.toString();
    }

    /** The first three count QoS 1 and 2, {@code duplicates} QoS 2 alone. */
    String json() {
        Json byQos = Json.object();
        for (int qos = 0; qos < 3; qos++) {
            Json one = Json.object()
                    .put("published", published[qos].get())
                    .put("delivered", delivered[qos].get())
                    .put("duplicates", duplicates[qos].get())
                    .put("lost", lost(qos));
            byQos.putRaw(String.valueOf(qos), one.toString());
        }
        return Json.object()
                .put("published", published[1].get() + published[2].get())
                .put("delivered", delivered[1].get() + delivered[2].get())
                .put("duplicates", duplicates[2].get())
                .put("lost", lost(1) + lost(2))
                .putRaw("byQos", byQos.toString())
                .toString();
    }
}
