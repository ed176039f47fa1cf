package io.hawser.testing.simulation;

import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.StoreException;
import io.hawser.session.PublishRequest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** What the program that publishes through one client sees of its messages: acceptance, result, and outcomes by key. */
final class Publishes {
    private final World world;
    private final Set<PublishRequest> unsettled = new LinkedHashSet<>();
    /** Outcomes of which this program has heard, and where in the log that stands. */
    private final Map<Integer, Long> heard = new HashMap<>();
    /** The same of programs before, as far as the log remembers it. */
    private final Set<Integer> heardBefore = new HashSet<>();

    /** A message that the program publishes, and waits for, or enqueues, and only waits for its acceptance. */
    static final class Request extends PublishRequest {
        private final Message published;

        Request(Message message, String key, boolean enqueued) {
            super(message, key, enqueued ? new CompletableFuture<>() : null, null);
            this.published = message;
        }
    }

    Publishes(World world) {
        this.world = world;
    }

    void begun(Request request) {
        unsettled.add(request);
    }

    /** Its turn is safe. */
    void accepted(PublishRequest request) {
        world.ledger.accepted(message(request));
        if (isEnqueued(request) && unsettled.remove(request)) {
            world.ledger.enqueued(message(request));
        }
    }

    /** Also while only the log has it. */
    static Message message(PublishRequest request) {
        return request instanceof Request own ? own.published : request.message();
    }

    private static boolean isEnqueued(PublishRequest request) {
        return request instanceof Request && request.isEnqueued();
    }

    void completed(PublishRequest request) {
        if (!isEnqueued(request) && unsettled.remove(request)) {
            world.ledger.completed(message(request));
        }
    }

    void failed(PublishRequest request, MqttException cause) {
        boolean durable = isEnqueued(request) || message(request).qos() != Qos.AT_MOST_ONCE;
        boolean kept = cause instanceof ClientClosedException && durable;
        if (cause instanceof StoreException) {
            world.ledger.givenBack(message(request));
        }
        if (unsettled.remove(request)) {
            world.ledger.failed(message(request), kept, cause);
        } else if (!kept) {
            world.ledger.dropped(message(request), cause);
        }
    }

    /** The one that waits longest fails for this. */
    void failOne(MqttException cause) {
        unsettled.stream().findFirst().ifPresent(request -> failed(request, cause));
    }

    /** What is not accepted yet never will be, above this sequence. */
    void rolledBack(long lastSafe, StoreException cause) {
        for (PublishRequest request : Set.copyOf(unsettled)) {
            if (isEnqueued(request) && request.sequence() > lastSafe) {
                failed(request, cause);
            }
        }
    }

    /** The listener hears of an outcome. */
    void heard(PublishRequest request) {
        int number = Ledger.number(message(request));
        if (heardBefore.contains(number) || heard.put(number, Long.MAX_VALUE) != null) {
            throw new Violation("the outcome of message " + number + " was told again after it was heard");
        }
        world.ledger.heard(message(request));
    }

    /** The machine knows that it was heard, and has logged it. */
    void noted(PublishRequest request, long position) {
        heard.put(Ledger.number(message(request)), position);
    }

    /** Whether the program waits for something. */
    boolean isWaiting() {
        return !unsettled.isEmpty();
    }

    /** The client is closed in order. */
    void closed(ClientClosedException cause) {
        Set.copyOf(unsettled).stream().filter(Publishes::isEnqueued).forEach(request -> failed(request, cause));
        if (!unsettled.isEmpty()) {
            throw new Violation("close left requests unsettled: " + unsettled);
        }
    }

    /** The client crashes. */
    void orphaned() {
        unsettled.forEach(request -> world.ledger.orphaned(message(request)));
        unsettled.clear();
    }

    /** The program is gone, and so is its log behind this position. */
    void ended(long survived) {
        heard.forEach((number, position) -> {
            if (position <= survived) {
                heardBefore.add(number);
            }
        });
        heard.clear();
    }
}
