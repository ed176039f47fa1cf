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
 * The events on their way to the program's listener, in their order, bounded in number and bytes. If the listener is
 * too slow, the oldest {@link ConnectionEvent.DeliveryFailed} is dropped, since it holds a message; if there is none,
 * the oldest event of all. The next event that is told is preceded by {@link ConnectionEvent.EventsDropped} with the
 * number. For any thread.
 */
final class EventQueue {
    /** The bound in number: far more events than a client has while a listener does something that takes a second. */
    static final int MOST_EVENTS = 1024;
    /** The bound on the memory of failed deliveries' messages: little beside the receive buffer's 16 MiB. */
    static final long MOST_BYTES = 1024L * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(EventQueue.class);

    private final Consumer<ConnectionEvent> listener;
    /** The executor of the listener, which also runs the listener of outcomes, one call after the other. */
    private final Executor executor;

    private final ArrayDeque<ConnectionEvent> waiting = new ArrayDeque<>(0);
    private long bytes;
    private long dropped;
    /** The number of tasks that are started and have told no event yet: at least the number of waiting events. */
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
