package io.hawser.client.loop;

import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.store.SessionContents.StoredPublish;
import io.hawser.store.SessionLog;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;

/** The session log of a session that is not kept. */
public final class NoLog implements SessionLog {
    public static final NoLog INSTANCE = new NoLog();

    private NoLog() {}

    @Override
    public void replay(
            UnaryOperator<StoredPublish> publishes, IntConsumer received, Consumer<Subscription> subscriptions) {}

    @Override
    public void accepted(StoredPublish publish) {}

    @Override
    public void sent(StoredPublish publish) {}

    @Override
    public void unsent(StoredPublish publish) {}

    @Override
    public void released(StoredPublish publish) {}

    @Override
    public void concluded(StoredPublish publish) {}

    @Override
    public void settled(StoredPublish publish) {}

    @Override
    public void received(int packetId) {}

    @Override
    public void forgotten(int packetId) {}

    @Override
    public void subscribed(Subscription subscription) {}

    @Override
    public void unsubscribed(TopicFilter filter) {}

    @Override
    public long sync() {
        return 0;
    }

    @Override
    public void close() {}
}
