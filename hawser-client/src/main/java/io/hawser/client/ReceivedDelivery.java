package io.hawser.client;

import io.hawser.mqtt.Message;
import io.hawser.session.InboundMessage;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** A received message between the session and the program, and the submission of its acknowledgement. */
final class ReceivedDelivery extends InboundMessage implements Delivery, Submission {
    private static final VarHandle SETTLED;

    static {
        try {
            SETTLED = MethodHandles.lookup().findVarHandle(ReceivedDelivery.class, "settled", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Driver driver;
    /** The next in the handlers' lane. */
    @Nullable
    ReceivedDelivery nextInLane;

    private @Nullable Submission nextSubmission;
    /** Set once by lane or stream, before the program sees the delivery. */
    private Object[] handlers = {};

    @SuppressWarnings("UnusedVariable") // through SETTLED
    private volatile boolean settled;

    private volatile boolean deferred;

    ReceivedDelivery(Driver driver, Message message, int packetId, boolean duplicate) {
        super(message, packetId, duplicate);
        this.driver = driver;
    }

    Object[] handlers() {
        return handlers;
    }

    void handlers(Object[] handlers) {
        this.handlers = handlers;
    }

    @Override
    public void ack() {
        if (SETTLED.compareAndSet(this, false, true) && packetId() != 0) {
            driver.submit(this);
        }
    }

    @Override
    public void refuse() {
        if (SETTLED.compareAndSet(this, false, true) && packetId() != 0) {
            driver.submit(Submission.of(on -> on.refuse(this)));
        }
    }

    @Override
    public Delivery defer() {
        if (!deferred) {
            deferred = true;
            if (packetId() != 0) {
                driver.submit(Submission.of(on -> on.defer(this)));
            }
        }
        return this;
    }

    /** Whether the program has taken over the duty to acknowledge, or has done it. */
    boolean deferred() {
        return deferred;
    }

    @Override
    public void perform(Driver on) {
        on.acknowledge(this);
    }

    @Override
    public @Nullable Submission nextSubmission() {
        return nextSubmission;
    }

    @Override
    public void nextSubmission(@Nullable Submission next) {
        this.nextSubmission = next;
    }

    @Override
    public String toString() {
        return "Delivery[" + message() + (duplicate() ? ", duplicate]" : "]");
    }
}
