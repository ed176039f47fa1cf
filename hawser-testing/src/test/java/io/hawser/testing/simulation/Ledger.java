package io.hawser.testing.simulation;

import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.MessageDroppedException;
import io.hawser.mqtt.MessageDroppedException.Rule;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.StoreException;
import io.hawser.mqtt.TopicName;
import io.hawser.wire.PacketEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What was published and what became of it; refuses what must not happen, and says at the end what is missing. */
final class Ledger {
    /** A message, known by the number in its payload. */
    private static final class Entry {
        final Message message;
        long begunAt;
        boolean keyed;
        boolean rejected;
        boolean declined;
        boolean accepted;
        int settled;
        boolean orphaned;
        boolean completed;
        boolean forgotten;
        boolean givenUp;
        boolean givenBack;
        int heard;
        int deliveries;
        int handled;
        int acknowledged;
        int withMachine = -1;
        /** The broker never takes it. */
        final boolean bad;

        Entry(Message message, boolean bad) {
            this.message = message;
            this.bad = bad;
        }

        boolean owed() {
            boolean reliable = message.qos() != Qos.AT_MOST_ONCE;
            return reliable && accepted && !givenUp && !declined && !forgotten && !bad && !isShortLived();
        }

        /** It may expire within the run. */
        boolean isShortLived() {
            return message.expiry() != null && message.expiry().compareTo(LONG_LIFE) < 0;
        }

        /** What is left of its expiry on the way to the broker. */
        Duration expiryLeft(long now) {
            return message.expiry().minusSeconds((now - begunAt) / Plan.SECOND);
        }
    }

    private static final Duration LONG_LIFE = Duration.ofDays(1);
    private static final int TOPICS = 4;
    /** What a packet may need beside its message. */
    private static final int LARGEST_EXTRA = 5;
    /** No network, however bad, is among the reasons for which a message may fail. */
    private static final Set<Rule> EXCUSES =
            EnumSet.of(Rule.QUEUE_FULL, Rule.OLDEST_DROPPED, Rule.EXPIRED, Rule.SESSION_LOST);

    private final Plan plan;
    private final VirtualTime time;
    private final List<Entry> entries = new ArrayList<>();
    private int lastFirstDelivered = -1;
    private int lastDelivered = -1;
    private int lastAtMostOnce = -1;
    private boolean sessionsLost;
    private boolean mayRepeat;
    private boolean exactlyOnceInDoubt;
    /** The smallest limit for packets that the broker has told. */
    private int smallestLimit;

    Ledger(Plan plan, VirtualTime time) {
        this.plan = plan;
        this.time = time;
        // Every connection begins a session of its own.
        sessionsLost = plan.five().sessionExpirySeconds() == 0;
        smallestLimit = plan.five().maximumPacketSize();
    }

    /**
     * A new message. Its number is its text, up to the first space.
     *
     * @param expirySeconds 0 is never
     * @param bad whether the broker is not to take it
     */
    Message next(Qos qos, int padding, int expirySeconds, boolean bad) {
        int number = entries.size();
        byte[] payload = (number + " " + "x".repeat(padding)).getBytes(StandardCharsets.US_ASCII);
        TopicName topic =
                TopicName.of((bad ? "bad/" : "load/") + qos.level() + (plan.is5() ? "/" + number % TOPICS : ""));
        Message message = Message.of(topic, payload, qos, false);
        if (plan.is5() && number % 3 == 0) {
            message = message.contentType("a number").userProperty("number", Integer.toString(number));
        }
        if (expirySeconds > 0) {
            message = message.expiry(Duration.ofSeconds(expirySeconds));
        }
        entries.add(new Entry(message, plan.quirks().isBad(message)));
        return message;
    }

    static int number(Message message) {
        String text = message.text();
        return Integer.parseInt(text.substring(0, text.indexOf(' ')));
    }

    private Entry entry(Message message) {
        return entries.get(number(message));
    }

    /** A client has told that its broker leaves it in doubt about QoS 2, and that it may publish such messages twice. */
    void exactlyOnceIsInDoubt() {
        exactlyOnceInDoubt = true;
    }

    /** From now on neither delivery nor order can be promised for what is under way. */
    void sessionsLost() {
        sessionsLost = true;
    }

    /** A log that was lost in part may have known what was acknowledged at QoS 1. */
    void mayRepeat() {
        mayRepeat = true;
    }

    /** The machine gets it now, and its time begins to count. */
    void begun(Message message, boolean keyed) {
        entry(message).begunAt = time.now();
        entry(message).keyed = keyed;
    }

    /** The store is gone: only of what had succeeded is it sure that the broker has it. */
    void forgotten() {
        entries.stream().filter(entry -> !entry.completed).forEach(entry -> entry.forgotten = true);
    }

    /** It is as safe as the store promises. */
    void accepted(Message message) {
        entry(message).accepted = true;
    }

    /** The program that enqueued it knows that it is accepted, and is done with it. */
    void enqueued(Message message) {
        settled(message);
    }

    /** The store could not make it safe, and the program was told. */
    void givenBack(Message message) {
        Entry entry = entry(message);
        if (entry.accepted) {
            throw new Violation("message " + number(message) + " was accepted, and the store gives it up");
        }
        entry.givenBack = true;
    }

    /** A listener has heard of its outcome. */
    void heard(Message message) {
        Entry entry = entry(message);
        if (!entry.keyed || entry.givenBack) {
            throw new Violation("message " + number(message) + " cannot have an outcome");
        }
        entry.heard++;
    }

    /** The client sends this, and not as a repetition. */
    void sent(Message message) {
        Entry entry = entry(message);
        if (entry.message.expiry() == null) {
            return;
        }
        // Only the client that accepted a message knows how long it has waited, unless the store does.
        boolean known = plan.storage().onDisk() || entry.settled == 0 && !entry.orphaned;
        Duration left = entry.expiryLeft(time.now());
        if (known && !left.equals(message.expiry())) {
            throw new Violation("message " + number(message) + " went out with an expiry of " + message.expiry()
                    + ", left are " + left + " [MQTT-3.3.2-6]");
        }
        if (message.expiry().isZero() || message.expiry().compareTo(entry.message.expiry()) > 0) {
            throw new Violation("message " + number(message) + " went out with an expiry of " + message.expiry());
        }
    }

    /** The broker refuses this message for good. */
    void rejected(int number) {
        entries.get(number).rejected = true;
    }

    void completed(Message message) {
        settled(message);
        entry(message).completed = true;
        boolean reliable = message.qos() != Qos.AT_MOST_ONCE;
        if (entry(message).rejected || entry(message).bad && reliable) {
            throw new Violation("message " + number(message) + " was refused by the broker, and succeeded");
        }
    }

    /** @param kept whether the session keeps the message for the next client */
    void failed(Message message, boolean kept, MqttException cause) {
        settled(message);
        if (!kept) {
            dropped(message, cause);
        }
    }

    /** A message was given up, perhaps one of an earlier client. */
    void dropped(Message message, MqttException cause) {
        Entry entry = entry(message);
        entry.givenUp = true;
        if (cause instanceof MessageDroppedException dropped
                && dropped.rule() == MessageDroppedException.Rule.EXPIRED
                && entry.expiryLeft(time.now()).compareTo(Duration.ZERO) > 0) {
            throw new Violation("message " + number(message) + " was dropped before its expiry");
        }
        if (!entry.bad && !entry.rejected && !isTooLarge(message) && !excuses(cause)) {
            throw new Violation("message " + number(message) + " failed, but nobody refused it: " + cause);
        }
    }

    private boolean isTooLarge(Message message) {
        return PacketEncoder.publishSize(message, plan.version()) > smallestLimit - LARGEST_EXTRA;
    }

    /** Whether a message of which nothing is wrong may fail for this. */
    private boolean excuses(MqttException cause) {
        if (cause instanceof MessageDroppedException dropped) {
            return EXCUSES.contains(dropped.rule());
        }
        return cause instanceof ClientClosedException || cause instanceof StoreException;
    }

    /** For a while, the broker takes no larger packets than this. */
    void limited(int maximumPacketSize) {
        smallestLimit = Math.min(smallestLimit, maximumPacketSize);
    }

    /** The client that would have settled this is gone. */
    void orphaned(Message message) {
        entry(message).orphaned = true;
    }

    private void settled(Message message) {
        if (++entry(message).settled > 1) {
            throw new Violation("message " + number(message) + " was settled twice");
        }
    }

    void delivered(Message message, int machine) {
        int number = number(message);
        Entry entry = entries.get(number);
        if (entry.bad) {
            throw new Violation("message " + number + " was delivered, and the broker does not take it");
        }
        if (!same(message, published(entry))) {
            throw new Violation("message " + number + " came as " + message);
        }
        if (entry.givenBack) {
            throw new Violation(
                    "message " + number + " was delivered, and the program was told that it is not accepted");
        }
        boolean first = entry.deliveries++ == 0;
        switch (message.qos()) {
            case AT_MOST_ONCE -> {
                if (number < lastAtMostOnce || number == lastAtMostOnce && !plan.repeats()) {
                    throw new Violation("message " + number + " at QoS 0 came after " + lastAtMostOnce);
                }
                lastAtMostOnce = number;
            }
            case AT_LEAST_ONCE -> inOrder(number, first);
            case EXACTLY_ONCE -> {
                boolean once = !sessionsLost && !exactlyOnceInDoubt;
                if (once && entry.acknowledged > 0) {
                    throw new Violation(
                            "message " + number + " at QoS 2 was delivered again after its acknowledgement");
                }
                if (once && entry.withMachine == machine) {
                    throw new Violation("message " + number + " at QoS 2 was delivered again while it was being handled"
                            + " [3.1.1 MQTT-4.3.3-2] [5.0 MQTT-4.3.3-10]");
                }
                entry.withMachine = machine;
                inOrder(number, first);
            }
        }
    }

    /** The message as a subscriber is to see it. */
    private Message published(Entry entry) {
        boolean lowered =
                entry.message.qos() == Qos.EXACTLY_ONCE && plan.quirks().has(Quirks.Kind.LACKS_EXACTLY_ONCE);
        return lowered ? entry.message.qos(Qos.AT_LEAST_ONCE) : entry.message;
    }

    private static boolean same(Message came, Message published) {
        if (published.expiry() == null) {
            return came.equals(published);
        }
        return came.expiry() != null
                && came.expiry().compareTo(published.expiry()) <= 0
                && came.equals(published.expiry(came.expiry()));
    }

    private void inOrder(int number, boolean first) {
        // A refusal that was lost with the log is asked for again, and then the broker may take it.
        boolean late = mayRepeat && entries.get(number).rejected;
        if (!plan.ordered() || sessionsLost || late || entries.get(number).forgotten) {
            return;
        }
        if (first && number < lastFirstDelivered) {
            throw new Violation("message " + number + " came first after " + lastFirstDelivered);
        }
        lastFirstDelivered = Math.max(number, lastFirstDelivered);
        if (plan.brokerInflight() == 1 && !mayRepeat && !exactlyOnceInDoubt && number < lastDelivered) {
            throw new Violation("message " + number + " came after " + lastDelivered);
        }
        lastDelivered = number;
    }

    /** Its handler has acknowledged it. */
    void handled(Message message) {
        entry(message).handled++;
    }

    /** The machine knows that for good. */
    void acknowledged(Message message) {
        entry(message).acknowledged++;
    }

    /** The handler did not take it: it is to come again, except with MQTT 5.0, where the broker is told. */
    void refused(Message message) {
        entry(message).withMachine = -1;
        entry(message).declined |= plan.is5();
    }

    /** A message of which nothing is wrong, and of whose result the program has not heard; or null. */
    String unsettled() {
        for (Entry entry : entries) {
            if (!entry.bad && entry.settled == 0 && !entry.orphaned) {
                return "message " + number(entry.message) + " is not settled";
            }
        }
        return null;
    }

    /** A message, whatever is wrong with it, of whose result or outcome nobody has heard; or null. */
    String openForGood() {
        for (Entry entry : entries) {
            if (entry.settled == 0 && !entry.orphaned) {
                return "message " + number(entry.message) + " is never settled";
            }
            if (entry.keyed && entry.accepted && !entry.forgotten && entry.heard == 0) {
                return "nobody ever hears of the outcome of message " + number(entry.message);
            }
        }
        return null;
    }

    private boolean mayBeForgotten(Entry entry) {
        return entry.message.qos() == Qos.EXACTLY_ONCE && plan.quirks().has(Quirks.Kind.FORGETS_UNRELEASED);
    }

    int size() {
        return entries.size();
    }

    /** What is still to come, or null: for messages from number {@code from} on, which no loss of a session excuses. */
    String missing(int from) {
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            if (entry.bad) {
                continue;
            }
            if (entry.settled == 0 && !entry.orphaned) {
                return "message " + i + " is not settled";
            }
            if (entry.owed() && entry.handled == 0 && (i >= from || !sessionsLost && !mayBeForgotten(entry))) {
                return "message " + i + " at " + entry.message.qos() + " was accepted and not delivered";
            }
            if (entry.keyed && entry.accepted && !entry.forgotten && entry.heard == 0) {
                return "nobody has heard of the outcome of message " + i;
            }
        }
        return null;
    }
}
