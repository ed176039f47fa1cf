package io.hawser.store;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.PublishResult;
import org.jspecify.annotations.Nullable;

/** A publish as it stands in a journal. */
record ReadBack(
        long sequence,
        Message message,
        @Nullable String key,
        int packetId,
        boolean released,
        boolean possiblyDuplicated,
        @Nullable PublishResult result,
        @Nullable MqttException failure,
        long ageNanos,
        int ends)
        implements StoredPublish {

    ReadBack inFlight(int packetId, boolean released) {
        return new ReadBack(sequence, message, key, packetId, released, possiblyDuplicated, null, null, ageNanos, ends);
    }

    ReadBack doubted() {
        return new ReadBack(sequence, message, key, packetId, released, true, result, failure, ageNanos, ends);
    }

    ReadBack suspected(int ends) {
        return new ReadBack(
                sequence, message, key, packetId, released, possiblyDuplicated, result, failure, ageNanos, ends);
    }

    ReadBack concluded(byte[] outcome) {
        return new ReadBack(
                sequence,
                message,
                key,
                0,
                false,
                possiblyDuplicated,
                Outcomes.result(outcome),
                Outcomes.failure(outcome),
                ageNanos,
                0);
    }
}
