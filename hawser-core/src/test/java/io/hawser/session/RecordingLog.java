package io.hawser.session;

import io.hawser.mqtt.StoreException;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.store.SessionContents.StoredPublish;
import io.hawser.store.SessionLog;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;

/** Writes down what is logged, among the effects, and hands it on. */
final class RecordingLog implements SessionLog {
    private final SessionLog log;
    private final Consumer<String> lines;
    private boolean closed;
    /** So many entries from now on the disk is full. */
    int room = Integer.MAX_VALUE;
    /** Why nothing can be made safe, and what was safe before that. */
    StoreException failure;

    long safe;
    StoreException damage;

    RecordingLog(SessionLog log, Consumer<String> lines) {
        this.log = log;
        this.lines = lines;
    }

    private void line(String line) {
        if (closed) {
            throw new AssertionError("logged after the log was closed: " + line);
        }
        if (room-- <= 0) {
            throw new StoreException("the disk is full", null);
        }
        lines.accept("log " + line);
    }

    @Override
    public void replay(
            UnaryOperator<StoredPublish> publishes, IntConsumer received, Consumer<Subscription> subscriptions) {
        log.replay(publishes, received, subscriptions);
    }

    @Override
    public void accepted(StoredPublish publish) {
        line("accepted " + PacketLines.name(publish.message()));
        log.accepted(publish);
    }

    @Override
    public void sent(StoredPublish publish) {
        line("sent " + PacketLines.name(publish.message()) + " #" + publish.packetId());
        log.sent(publish);
    }

    @Override
    public void unsent(StoredPublish publish) {
        line("sent " + PacketLines.name(publish.message()) + " #0");
        log.unsent(publish);
    }

    @Override
    public void released(StoredPublish publish) {
        line("released " + PacketLines.name(publish.message()));
        log.released(publish);
    }

    @Override
    public void suspected(StoredPublish publish) {
        line("suspected " + PacketLines.name(publish.message()) + " " + publish.ends());
        log.suspected(publish);
    }

    @Override
    public void concluded(StoredPublish publish) {
        line("concluded " + PacketLines.name(publish.message()));
        log.concluded(publish);
    }

    @Override
    public void settled(StoredPublish publish) {
        line("settled " + PacketLines.name(publish.message()));
        log.settled(publish);
    }

    @Override
    public void received(int packetId) {
        line("received #" + packetId);
        log.received(packetId);
    }

    @Override
    public void forgotten(int packetId) {
        line("forgotten #" + packetId);
        log.forgotten(packetId);
    }

    @Override
    public void subscribed(Subscription subscription) {
        line("subscribed " + subscription.filter() + ":" + subscription.qos().level());
        log.subscribed(subscription);
    }

    @Override
    public void unsubscribed(TopicFilter filter) {
        line("unsubscribed " + filter);
        log.unsubscribed(filter);
    }

    @Override
    public StoreException failure() {
        return failure;
    }

    @Override
    public StoreException damage() {
        return damage;
    }

    @Override
    public long rollback() {
        line("rollback to " + safe);
        return safe;
    }

    @Override
    public long sync() {
        return log.sync();
    }

    @Override
    public void close() {
        closed = true;
        log.close();
    }
}
