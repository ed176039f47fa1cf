package io.hawser.client;

import io.hawser.client.delivery.Reports;
import io.hawser.mqtt.ConnectionEvent;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Events on their way to the program's listener, in their order, bounded in number and bytes: of a listener that is too slow, the
 * oldest {@link ConnectionEvent.DeliveryFailed} are dropped, which hold messages; without one, the oldest event of all. How many were
 * dropped is told by the next event. From any thread.
 */
final class EventQueue {
    /** Far more than a client has to tell while a listener does something that takes a second. */
    static final int MOST_EVENTS = 1024;
    /** What failed deliveries may hold of the heap: little beside the receive buffer's 16 MiB. */
    static final long MOST_BYTES = 1024L * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(EventQueue.class);

    private final Consumer<ConnectionEvent> listener;
    /** One after the other, also with what else the program hears of. */
    private final Executor executor;

    private final ArrayDeque<ConnectionEvent> waiting = new ArrayDeque<>(0);
    private long bytes;
    private long dropped;
    /** Tasks that will tell one event each: as many as events wait, or more. */
    private int tasks;

    EventQueue(Consumer<ConnectionEvent> listener, Executor executor) {
        this.listener = listener;
        this.executor = executor;
    }

    void add(ConnectionEvent event) {
        boolean starts;
        synchronized (waiting) {
            waiting.add(event);
            bytes += size(event);
            makeRoom();
            starts = tasks < waiting.size();
            tasks += starts ? 1 : 0;
        }
        if (starts) {
            executor.execute(this::tellNext);
        }
    }

    private void makeRoom() {
        while (waiting.size() > 1 && (waiting.size() > MOST_EVENTS || bytes > MOST_BYTES)) {
            ConnectionEvent oldest = null;
            for (Iterator<ConnectionEvent> each = waiting.iterator(); oldest == null && each.hasNext(); ) {
                ConnectionEvent event = each.next();
                if (event instanceof ConnectionEvent.DeliveryFailed) {
                    oldest = event;
                    each.remove();
                }
            }
            if (oldest == null) {
                oldest = waiting.remove();
            }
            bytes -= size(oldest);
            dropped++;
        }
    }

    private static long size(ConnectionEvent event) {
        return event instanceof ConnectionEvent.DeliveryFailed failed
                ? failed.message().memoryInBytes()
                : 0;
    }

    private void tellNext() {
        long count;
        ConnectionEvent next;
        synchronized (waiting) {
            tasks--;
            count = dropped;
            dropped = 0;
            next = waiting.poll();
            bytes -= next == null ? 0 : size(next);
        }
        if (count > 0) {
            tell(new ConnectionEvent.EventsDropped(count));
        }
        if (next != null) {
            tell(next);
        }
    }

    private void tell(ConnectionEvent event) {
        try {
            listener.accept(event);
        } catch (Throwable e) {
            Reports.warn(LOG, "the listener failed on " + event, e);
        }
    }
}
