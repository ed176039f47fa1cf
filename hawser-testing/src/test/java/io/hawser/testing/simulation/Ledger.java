package io.hawser.testing.simulation;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.TopicName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What was published and what became of it; refuses what must not happen, and says at the end what is missing. */
final class Ledger {
    /** A message, known by the number in its payload. */
    private static final class Entry {
        final Message message;
        boolean accepted;
        int settled;
        boolean orphaned;
        boolean givenUp;
        int deliveries;
        int acknowledged;
        int withMachine = -1;

        Entry(Message message) {
            this.message = message;
        }

        boolean owed() {
            boolean reliable = message.qos() != Qos.AT_MOST_ONCE;
            return reliable && accepted && !givenUp;
        }
    }

    private final Plan plan;
    private final List<Entry> entries = new ArrayList<>();
    private int lastFirstDelivered = -1;
    private int lastDelivered = -1;
    private int lastAtMostOnce = -1;
    private boolean sessionsLost;

    Ledger(Plan plan) {
        this.plan = plan;
    }

    /** A new message. Its number is its text, up to the first space. */
    Message next(Qos qos, int padding) {
        byte[] payload = (entries.size() + " " + "x".repeat(padding)).getBytes(StandardCharsets.US_ASCII);
        Message message = Message.of(TopicName.of("load/" + qos.level()), payload, qos, false);
        entries.add(new Entry(message));
        return message;
    }

    static int number(Message message) {
        String text = message.text();
        return Integer.parseInt(text.substring(0, text.indexOf(' ')));
    }

    private Entry entry(Message message) {
        return entries.get(number(message));
    }

    /** From now on neither delivery nor order can be promised for what is under way. */
    void sessionsLost() {
        sessionsLost = true;
    }

    void accepted(Message message) {
        entry(message).accepted = true;
    }

    void completed(Message message) {
        settled(message);
    }

    /** @param kept whether the session keeps the message for the next client */
    void failed(Message message, boolean kept) {
        settled(message);
        entry(message).givenUp = !kept;
    }

    /** A message of an earlier client was given up. */
    void dropped(Message message) {
        entry(message).givenUp = true;
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
        if (!message.topic().equals(entry.message.topic()) || message.payloadSize() != entry.message.payloadSize()) {
            throw new Violation("message " + number + " came as " + message);
        }
        boolean first = entry.deliveries++ == 0;
        switch (entry.message.qos()) {
            case AT_MOST_ONCE -> {
                if (number < lastAtMostOnce || number == lastAtMostOnce && !plan.repeats()) {
                    throw new Violation("message " + number + " at QoS 0 came after " + lastAtMostOnce);
                }
                lastAtMostOnce = number;
            }
            case AT_LEAST_ONCE -> inOrder(number, first);
            case EXACTLY_ONCE -> {
                if (!sessionsLost && entry.acknowledged > 0) {
                    throw new Violation(
                            "message " + number + " at QoS 2 was delivered again after its acknowledgement");
                }
                if (!sessionsLost && entry.withMachine == machine) {
                    throw new Violation(
                            "message " + number + " at QoS 2 was delivered again while it was being handled");
                }
                entry.withMachine = machine;
                inOrder(number, first);
            }
        }
    }

    private void inOrder(int number, boolean first) {
        if (!plan.ordered() || sessionsLost) {
            return;
        }
        if (first && number < lastFirstDelivered) {
            throw new Violation("message " + number + " came first after " + lastFirstDelivered);
        }
        lastFirstDelivered = Math.max(number, lastFirstDelivered);
        if (plan.brokerInflight() == 1 && number < lastDelivered) {
            throw new Violation("message " + number + " came after " + lastDelivered);
        }
        lastDelivered = number;
    }

    void acknowledged(Message message) {
        entry(message).acknowledged++;
    }

    /** The handler did not take it: it is to come again. */
    void refused(Message message) {
        entry(message).withMachine = -1;
    }

    int size() {
        return entries.size();
    }

    /** What is still to come, or null: for messages from number {@code from} on, which no loss of a session excuses. */
    String missing(int from) {
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            if (entry.settled == 0 && !entry.orphaned) {
                return "message " + i + " is not settled";
            }
            if (entry.owed() && entry.acknowledged == 0 && (i >= from || !sessionsLost)) {
                return "message " + i + " at " + entry.message.qos() + " was accepted and not delivered";
            }
        }
        return null;
    }
}
