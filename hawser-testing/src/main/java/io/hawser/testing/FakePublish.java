package io.hawser.testing;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.PublishResult;
import io.hawser.store.SessionContents.StoredPublish;
import org.jspecify.annotations.Nullable;

/** A message and how far it has come, as a session keeps it. */
final class FakePublish implements StoredPublish {
    private final long sequence;
    private final Message message;

    @Nullable
    String key;

    int packetId;
    boolean released;
    boolean possiblyDuplicated;

    @Nullable
    PublishResult result;

    @Nullable
    MqttException failure;

    FakePublish(long sequence, Message message) {
        this.sequence = sequence;
        this.message = message;
    }

    @Override
    public long sequence() {
        return sequence;
    }

    @Override
    public Message message() {
        return message;
    }

    @Override
    public @Nullable String key() {
        return key;
    }

    @Override
    public int packetId() {
        return packetId;
    }

    @Override
    public boolean released() {
        return released;
    }

    @Override
    public boolean possiblyDuplicated() {
        return possiblyDuplicated;
    }

    @Override
    public @Nullable PublishResult result() {
        return result;
    }

    @Override
    public @Nullable MqttException failure() {
        return failure;
    }

    @Override
    public long ageNanos() {
        return 0;
    }
}
