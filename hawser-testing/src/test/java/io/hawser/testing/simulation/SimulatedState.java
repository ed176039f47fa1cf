package io.hawser.testing.simulation;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.store.SessionContents.StoredPublish;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What the entries of a log come to. Refuses entries that make no sense after those before. */
final class SimulatedState {
    /** One message as the entries up to some point have it. */
    record Stored(
            long sequence,
            Message message,
            String key,
            int packetId,
            boolean released,
            PublishResult result,
            MqttException failure,
            long acceptedAt,
            VirtualTime time)
            implements StoredPublish {
        @Override
        public long ageNanos() {
            return time.now() - acceptedAt;
        }

        boolean isConcluded() {
            return result != null || failure != null;
        }

        boolean waits() {
            return packetId == 0 && !isConcluded();
        }

        int size() {
            return message.topicName().sizeInBytes() + message.payloadSize();
        }

        private Stored sent(int newPacketId) {
            return new Stored(sequence, message, key, newPacketId, false, null, null, acceptedAt, time);
        }

        private Stored withPubRec() {
            return new Stored(sequence, message, key, packetId, true, null, null, acceptedAt, time);
        }

        private Stored concluded(PublishResult result, MqttException failure) {
            return new Stored(sequence, message, key, 0, false, result, failure, acceptedAt, time);
        }
    }

    final TreeMap<Long, Stored> publishes = new TreeMap<>();
    final BitSet received = new BitSet();
    final Map<TopicFilter, Subscription> subscriptions = new LinkedHashMap<>();
    long lastSequence;

    SimulatedState() {}

    SimulatedState(SimulatedState other) {
        publishes.putAll(other.publishes);
        received.or(other.received);
        subscriptions.putAll(other.subscriptions);
        lastSequence = other.lastSequence;
    }

    Stream<Stored> waiting() {
        return publishes.values().stream().filter(Stored::waits);
    }

    /** A message whose outcome is open, or null. */
    Stored open() {
        return publishes.values().stream()
                .filter(stored -> !stored.isConcluded())
                .findFirst()
                .orElse(null);
    }

    /** The message that is in flight under this identifier, or null. */
    Stored inFlight(int packetId) {
        for (Stored stored : publishes.values()) {
            if (stored.packetId == packetId) {
                return stored;
            }
        }
        return null;
    }

    void accepted(Stored publish) {
        if (publish.sequence <= lastSequence) {
            throw new Violation("sequence " + publish.sequence + " was accepted after " + lastSequence);
        }
        lastSequence = publish.sequence;
        publishes.put(publish.sequence, publish);
    }

    void sent(long sequence, int packetId) {
        Stored holder = packetId == 0 ? null : inFlight(packetId);
        if (holder != null) {
            throw new Violation("identifier " + packetId + " went to " + sequence + " and is that of " + holder.sequence
                    + " [MQTT-2.3.1-2]");
        }
        publishes.put(sequence, open(sequence).sent(packetId));
    }

    void released(long sequence) {
        if (open(sequence).packetId == 0) {
            throw new Violation("sequence " + sequence + " was released, and had not been sent");
        }
        publishes.put(sequence, open(sequence).withPubRec());
    }

    void concluded(long sequence, PublishResult result, MqttException failure) {
        publishes.put(sequence, open(sequence).concluded(result, failure));
    }

    void settled(long sequence) {
        if (publishes.remove(sequence) == null) {
            throw new Violation("sequence " + sequence + " was settled, and is not in the log");
        }
    }

    private Stored open(long sequence) {
        Stored stored = publishes.get(sequence);
        if (stored == null || stored.isConcluded()) {
            throw new Violation("sequence " + sequence + " is not open in the log, but went on");
        }
        return stored;
    }
}
