package io.hawser.client.api;

import static org.awaitility.Awaitility.await;

import io.hawser.mqtt.ConnectionEvent;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** A listener that keeps what it hears. */
final class Events implements Consumer<ConnectionEvent> {
    private final List<ConnectionEvent> events = new CopyOnWriteArrayList<>();

    @Override
    public void accept(ConnectionEvent event) {
        events.add(event);
    }

    List<ConnectionEvent> soFar() {
        return List.copyOf(events);
    }

    <E extends ConnectionEvent> List<E> of(Class<E> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /** The first of a kind, waited for. */
    <E extends ConnectionEvent> E first(Class<E> kind) {
        return nth(kind, 1);
    }

    <E extends ConnectionEvent> E nth(Class<E> kind, int n) {
        await().until(() -> of(kind).size() >= n);
        return of(kind).get(n - 1);
    }

    List<String> names() {
        return events.stream().map(event -> event.getClass().getSimpleName()).toList();
    }
}
