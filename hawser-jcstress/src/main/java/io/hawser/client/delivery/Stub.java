package io.hawser.client.delivery;

import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import io.hawser.session.InboundMessage;
import io.hawser.session.Rejection;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A client without a network: its event loop has room for one task, which the test runs. */
class Stub implements HandlerContext {
    private final AtomicReference<@Nullable Runnable> task = new AtomicReference<>();

    /** A received message. */
    static final class Received extends InboundDelivery {
        Received(HandlerContext context, Qos qos) {
            super(context, Message.of("t", "m").qos(qos), qos == Qos.AT_MOST_ONCE ? 0 : 1, false);
        }

        @Override
        protected void handle(Object handler) {}
    }

    /** Runs the task that the event loop has been given, if there is one. */
    void runTask() {
        Runnable next = task.getAndSet(null);
        if (next != null) {
            next.run();
        }
    }

    @Override
    public boolean inEventLoop() {
        return false;
    }

    @Override
    public void execute(Runnable next) {
        task.set(next);
    }

    @Override
    public Runnable schedule(Runnable next, long delayNanos) {
        return () -> {};
    }

    @Override
    public void endTurn() {}

    @Override
    public void resumeReading() {}

    @Override
    public void confirm() {}

    @Override
    public void acknowledge(InboundMessage message) {}

    @Override
    public void refuse(InboundMessage message, Rejection rejection) {}

    @Override
    public void fail(InboundMessage message) {}

    @Override
    public void defer(InboundMessage message) {}

    @Override
    public void event(ConnectionEvent event) {}
}
