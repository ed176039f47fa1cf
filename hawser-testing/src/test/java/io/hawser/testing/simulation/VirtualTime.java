package io.hawser.testing.simulation;

import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.PriorityQueue;

/** A clock that stands still while something happens, and jumps from one event to the next. */
final class VirtualTime {
    private record Event(long at, long order, Object owner, Runnable action) {}

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::order));
    /** How many events are to come for whom. */
    private final Map<Object, Integer> owned = new IdentityHashMap<>();

    private long now;
    private long order;

    long now() {
        return now;
    }

    void in(long delay, Runnable action) {
        at(now + delay, action);
    }

    void in(long delay, Object owner, Runnable action) {
        at(now + delay, owner, action);
    }

    void at(long when, Runnable action) {
        at(when, this, action);
    }

    /** @param owner who waits for this event */
    void at(long when, Object owner, Runnable action) {
        events.add(new Event(Math.max(when, now), order++, owner, action));
        owned.merge(owner, 1, Integer::sum);
    }

    /** Whether an event is to come for which this one waits. */
    boolean hasEventFor(Object owner) {
        return owned.getOrDefault(owner, 0) > 0;
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
        owned.merge(event.owner, -1, Integer::sum);
        event.action.run();
    }
}
