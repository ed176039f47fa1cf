package io.hawser.client.loop;

import io.hawser.mqtt.ConnectionEvent;
import io.hawser.session.ClientSession;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The renewal of what a connection was made with, before it expires: by authenticating again if the program has an authentication,
 * else by a planned reconnect. On the event loop.
 */
final class Renewal {
    /** A tenth of what is left is kept for the renewal, up to this: a supplier and a broker may need several attempts. */
    private static final Duration LONGEST_MARGIN = Duration.ofMinutes(5);

    /** A century, in which nanoseconds do not overflow. */
    private static final Duration LONGEST_DELAY = Duration.ofDays(36_500);

    private static final Duration SHORTEST_MARGIN = Duration.ofSeconds(1);
    /** The longest wait for what is in flight and for handlers: longer than a handler should take. */
    private static final Duration LONGEST_PATIENCE = Duration.ofSeconds(5);

    private final Turns turns;
    private final ClientSession session;
    private final Consumer<ConnectionEvent> events;
    /** Authenticates again; null if the program has no authentication. */
    private final @Nullable Runnable reauthentication;

    private Runnable cancel = () -> {};

    Renewal(Turns turns, ClientSession session, Consumer<ConnectionEvent> events, @Nullable Runnable reauthentication) {
        this.turns = turns;
        this.session = session;
        this.events = events;
        this.reauthentication = reauthentication;
    }

    /** Plans the renewal of the connection that the broker has just accepted; what has expired already is the broker's to refuse. */
    void accepted(@Nullable Instant expiresAt) {
        cancel.run();
        cancel = () -> {};
        Duration left = expiresAt == null ? Duration.ZERO : Duration.between(Instant.now(), expiresAt);
        if (expiresAt == null || left.compareTo(SHORTEST_MARGIN) <= 0) {
            return;
        }
        Duration tenth = left.dividedBy(10);
        Duration margin = tenth.compareTo(SHORTEST_MARGIN) < 0
                ? SHORTEST_MARGIN
                : tenth.compareTo(LONGEST_MARGIN) > 0 ? LONGEST_MARGIN : tenth;
        plan(left.minus(margin), margin, session.figures().connections());
    }

    private void plan(Duration delay, Duration margin, long connection) {
        cancel = turns.schedule(
                () -> renew(delay, margin, connection),
                delay.compareTo(LONGEST_DELAY) < 0 ? delay.toNanos() : LONGEST_DELAY.toNanos());
    }

    private void renew(Duration delay, Duration margin, long connection) {
        if (!session.isAccepted() || session.figures().connections() != connection) {
            return;
        }
        events.accept(new ConnectionEvent.Renewing(margin, reauthentication == null));
        if (reauthentication != null) {
            reauthentication.run();
            plan(delay, margin, connection);
        } else {
            Duration patience = margin.compareTo(LONGEST_PATIENCE) < 0 ? margin : LONGEST_PATIENCE;
            turns.turn(() -> session.renew(patience.toNanos(), turns.now()));
        }
    }
}
