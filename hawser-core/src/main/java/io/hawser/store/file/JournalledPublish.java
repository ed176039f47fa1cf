package io.hawser.store.file;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.PublishResult;
import io.hawser.store.SessionContents.StoredPublish;
import org.jspecify.annotations.Nullable;

/** A publish as it stands in a journal. */
record JournalledPublish(
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

    JournalledPublish inFlight(int packetId, boolean released) {
        return new JournalledPublish(
                sequence, message, key, packetId, released, possiblyDuplicated, null, null, ageNanos, ends);
    }

    JournalledPublish doubted() {
        return new JournalledPublish(sequence, message, key, packetId, released, true, result, failure, ageNanos, ends);
    }

    JournalledPublish suspected(int ends) {
        return new JournalledPublish(
                sequence, message, key, packetId, released, possiblyDuplicated, result, failure, ageNanos, ends);
    }

    JournalledPublish concluded(byte[] outcome) {
        return new JournalledPublish(
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
