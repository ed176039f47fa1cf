package io.hawser.testing.simulation;

import java.util.Comparator;
import java.util.PriorityQueue;

/** A clock that stands still while something happens, and jumps from one event to the next. */
final class VirtualTime {
    private record Event(long at, long order, Runnable action) {}

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::order));
    private long now;
    private long order;

    long now() {
        return now;
    }

    void in(long delay, Runnable action) {
        at(now + delay, action);
    }

    void at(long when, Runnable action) {
        events.add(new Event(Math.max(when, now), order++, action));
    }

    long next() {
        Event event = events.peek();
        return event == null ? Long.MAX_VALUE : event.at;
    }

    void advanceTo(long when) {
        now = Math.max(now, when);
    }

    void runNext() {
        Event event = events.remove();
        now = event.at;
        event.action.run();
    }
}
