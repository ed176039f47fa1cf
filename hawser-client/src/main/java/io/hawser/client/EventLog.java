package io.hawser.client;

import io.hawser.mqtt.BrokerProfile;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.ReasonCode;
import io.hawser.text.Utf8;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A log of one client's events: writes them to the logger {@value #NAME}, each at
 * {@linkplain ConnectionEvent#level its level}. A warning that comes again and again is written at growing intervals,
 * with the number of warnings in between. For any thread.
 */
final class EventLog {
    static final String NAME = "io.hawser.events";

    private static final Logger LOG = LoggerFactory.getLogger(NAME);

    /** The first interval between two lines about the same trouble; the interval doubles with each line. */
    static final long FIRST_DISTANCE = TimeUnit.SECONDS.toNanos(10);
    /** The longest interval: trouble that lasts stays visible in a log file of a day. */
    static final long LONGEST_DISTANCE = TimeUnit.HOURS.toNanos(1);
    /** The quiet time after which trouble counts as new: longer than the longest reconnect delay of a usual policy. */
    private static final long QUIET = TimeUnit.MINUTES.toNanos(10);
    /**
     * The number of kinds of trouble that are told apart. Of more kinds, such as a refusal for each of many filters,
     * the oldest are forgotten.
     */
    private static final int KINDS = 64;

    private final String clientId;
    private final LongSupplier clock;
    private boolean connected;
    /** Whether the last loss of a connection was not written, so that the next connection is not written either. */
    private boolean lossUnwritten;
    /** The repetitions by kind of trouble; null until there is trouble. */
    private @Nullable Map<Object, Repetition> repetitions;

    /** The count of one kind of trouble, and when its next line is due. */
    private static final class Repetition {
        long lastAt;
        long nextLineAt;
        long distance = FIRST_DISTANCE;
        int unwritten;
    }

    /** A map that removes its oldest entry when it has more than {@link #KINDS}. */
    private static final class Bounded<K, V> extends LinkedHashMap<K, V> {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > KINDS;
        }
    }

    /** @param clientId printable */
    EventLog(String clientId, LongSupplier clock) {
        this.clientId = clientId;
        this.clock = clock;
    }

    synchronized void log(ConnectionEvent event) {
        Level level = event.level();
        if (level.compareTo(Level.WARNING) >= 0) {
            warn(event, level);
        } else if (level == Level.INFO && !(event instanceof ConnectionEvent.Connected && lossUnwritten)) {
            LOG.info("client '{}': {}", clientId, text(event));
        } else {
            LOG.debug("client '{}': {}", clientId, event);
        }
        if (event instanceof ConnectionEvent.Connected) {
            connected = true;
        } else if (event instanceof ConnectionEvent.Disconnected) {
            connected = false;
        }
    }

    private void warn(ConnectionEvent event, Level level) {
        Repetition repetition = repetition(event);
        long now = clock.getAsLong();
        if (now - repetition.lastAt > Math.max(QUIET, repetition.distance)) {
            repetition.distance = FIRST_DISTANCE;
            repetition.nextLineAt = now;
        }
        repetition.lastAt = now;
        boolean due = now - repetition.nextLineAt >= 0;
        if (event instanceof ConnectionEvent.Disconnected) {
            lossUnwritten = !due;
        }
        if (!due) {
            repetition.unwritten++;
            LOG.debug("client '{}': {}", clientId, event);
            return;
        }
        String more =
                repetition.unwritten == 0 ? "" : " (and " + repetition.unwritten + " times since the last such line)";
        repetition.unwritten = 0;
        repetition.nextLineAt = now + repetition.distance;
        repetition.distance = Math.min(2 * repetition.distance, LONGEST_DISTANCE);
        Throwable trace = event instanceof ConnectionEvent.DeliveryFailed failed ? failed.cause() : null;
        if (level == Level.ERROR) {
            LOG.error("client '{}': {}{}", clientId, text(event), more, trace);
        } else {
            LOG.warn("client '{}': {}{}", clientId, text(event), more, trace);
        }
    }

    private Repetition repetition(ConnectionEvent event) {
        Map<Object, Repetition> known = repetitions;
        if (known == null) {
            known = new Bounded<>();
            repetitions = known;
        }
        return known.computeIfAbsent(kind(event), kind -> {
            Repetition fresh = new Repetition();
            fresh.lastAt = clock.getAsLong();
            fresh.nextLineAt = fresh.lastAt;
            return fresh;
        });
    }

    /** A key that two events of the same trouble share. Their texts are no such key, since they differ in numbers. */
    private Object kind(ConnectionEvent event) {
        String kind = event.getClass().getSimpleName();
        if (event instanceof ConnectionEvent.Disconnected lost && lost.cause() != null) {
            return kind + connected + lost.cause().getClass().getSimpleName();
        } else if (event instanceof ConnectionEvent.SubscriptionRefused refused) {
            return refused.subscription().filter();
        } else if (event instanceof ConnectionEvent.MessageUnhandled unhandled) {
            return kind + (unhandled.filter() == null ? unhandled.topic() : unhandled.filter());
        } else if (event instanceof ConnectionEvent.SubscriptionUnclaimed unclaimed) {
            return kind + unclaimed.filter();
        } else if (event instanceof ConnectionEvent.DeliveryFailed failed) {
            return kind + failed.givenUp() + failed.cause().getClass().getName();
        } else if (event instanceof ConnectionEvent.RequestSuspected suspected) {
            return kind + suspected.setAside() + suspected.givenUp();
        }
        return kind;
    }

    private String text(ConnectionEvent event) {
        if (event instanceof ConnectionEvent.Connecting now && now.refused() != null) {
            return now.server() + " does not speak MQTT " + now.refused() + ", trying " + now.version();
        } else if (event instanceof ConnectionEvent.Connected now) {
            return "connected to " + now.server() + " with MQTT " + now.result().version()
                    + (now.result().sessionPresent() ? ", session present" : "");
        } else if (event instanceof ConnectionEvent.Disconnected lost) {
            return (connected ? "connection lost: " : "not connected: ") + why(lost.cause());
        } else if (event instanceof ConnectionEvent.Closed closed) {
            return closed.cause() == null ? "closed" : "closed, because it cannot go on: " + why(closed.cause());
        } else if (event instanceof ConnectionEvent.RequestUnanswered late) {
            return Utf8.printable(late.request()) + " has not been answered for "
                    + late.age().toSeconds() + " s; it goes on";
        } else if (event instanceof ConnectionEvent.RequestSuspected suspected) {
            return text(suspected);
        } else if (event instanceof ConnectionEvent.PublishesFailed failed) {
            return failed.count() + " publishes that nobody waits for have failed, the last to '"
                    + Utf8.printable(failed.topic()) + "': " + why(failed.cause());
        } else if (event instanceof ConnectionEvent.PublishesPaced paced) {
            return paced.queued() + " publishes wait for the next second, since the broker takes no more than "
                    + (paced.publishesPerSecond() == BrokerProfile.UNLIMITED
                            ? ""
                            : paced.publishesPerSecond() + " messages, ")
                    + (paced.bytesPerSecond() == BrokerProfile.UNLIMITED ? "" : paced.bytesPerSecond() + " bytes, ")
                    + "by its profile";
        } else if (event instanceof ConnectionEvent.PublishesGivenUp lost) {
            return "closed before the broker had acknowledged " + lost.count() + " publishes, which are given up";
        } else if (event instanceof ConnectionEvent.OutputGivenUp lost) {
            return "closed with " + lost.unsentBytes() + " bytes unsent: " + Utf8.printable(lost.reason());
        } else if (event instanceof ConnectionEvent.SubscriptionRefused refused) {
            return why(refused.cause());
        } else if (event instanceof ConnectionEvent.DeliveryFailed failed) {
            return "handler failed on " + failed.message() + ", attempt " + failed.attempt()
                    + (failed.givenUp() ? ", which was the last" : "");
        } else if (event instanceof ConnectionEvent.UnacknowledgedBacklog filling) {
            return filling.unacknowledged()
                    + " received messages are not acknowledged; the broker stops sending QoS 1 and 2 at "
                    + (filling.limit() == 0 ? "a limit that it does not tell" : String.valueOf(filling.limit()));
        } else if (event instanceof ConnectionEvent.ReceiveMaximumExceeded exceeded) {
            return "the broker sends more than the receive maximum of " + exceeded.receiveMaximum()
                    + " before it is acknowledged, which is tolerated";
        } else if (event instanceof ConnectionEvent.MessageUnhandled unhandled) {
            return text(unhandled);
        } else if (event instanceof ConnectionEvent.SubscriptionUnclaimed unclaimed) {
            return "the kept session is subscribed to '"
                    + Utf8.printable(unclaimed.filter().toString())
                    + "', which this program has not asked for: unsubscribing";
        } else if (event instanceof ConnectionEvent.StoreFailed failed) {
            return "session store: " + why(failed.cause());
        } else if (event instanceof ConnectionEvent.StoreDamaged damaged) {
            return "session store: " + why(damaged.cause());
        } else if (event instanceof ConnectionEvent.StoreRecovered) {
            return "the session store works again";
        }
        return event.toString();
    }

    private static String text(ConnectionEvent.RequestSuspected suspected) {
        String what = "the broker ended " + suspected.ends() + (suspected.ends() == 1 ? " connection" : " connections")
                + " on " + Utf8.printable(suspected.request());
        if (suspected.givenUp()) {
            return what + ", which fails now: " + why(suspected.cause());
        }
        return suspected.setAside()
                ? what + ": it is set aside, all others go on, and it is tried alone from time to time"
                : what + ": " + why(suspected.cause());
    }

    private static String text(ConnectionEvent.MessageUnhandled unhandled) {
        String what = "no handler wants the message to '" + Utf8.printable(unhandled.topic()) + "'"
                + (unhandled.filter() == null
                        ? ""
                        : ", to which an earlier program subscribed with '"
                                + Utf8.printable(unhandled.filter().toString()) + "'");
        String remedy = "; subscribe to it, or unsubscribe from it";
        return unhandled.answer() == null
                ? what + ": it is held, and the acknowledgements of later messages wait for it ("
                        + unhandled.unacknowledged() + " are not acknowledged)" + remedy
                : what + ": " + (unhandled.answer() == ReasonCode.SUCCESS ? "acknowledged" : "refused") + remedy;
    }

    /** A cause in words, printable: texts of the JDK and of peers may hold anything. */
    private static String why(@Nullable MqttException cause) {
        return cause == null ? "on this side" : Utf8.printable(String.valueOf(cause.getMessage()));
    }
}
