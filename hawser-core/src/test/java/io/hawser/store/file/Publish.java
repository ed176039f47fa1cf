package io.hawser.store.file;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.PublishResult;
import io.hawser.store.SessionContents.StoredPublish;
import org.jspecify.annotations.Nullable;

/** A message and how far it has come, as a session would keep it. */
final class Publish implements StoredPublish {
    private final long sequence;
    private final Message message;
    private final @Nullable String key;
    int packetId;
    boolean released;
    boolean possiblyDuplicated;
    int ends;

    @Nullable
    PublishResult result;

    @Nullable
    MqttException failure;

    Publish(long sequence, Message message, @Nullable String key) {
        this.sequence = sequence;
        this.message = message;
        this.key = key;
    }

    /** The same, as a log gave it back. */
    Publish(StoredPublish stored) {
        this(stored.sequence(), stored.message(), stored.key());
        packetId = stored.packetId();
        released = stored.released();
        result = stored.result();
        failure = stored.failure();
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
    public boolean possiblyDuplicated() {
        return possiblyDuplicated;
    }

    @Override
    public int ends() {
        return ends;
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
