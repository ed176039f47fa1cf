package io.hawser.client.delivery;

import io.hawser.mqtt.Message;
import io.hawser.session.InboundMessage;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** A received message between the session and the handlers. */
public abstract class InboundDelivery extends InboundMessage {
    private static final byte OPEN = 0;
    private static final byte BY_PROGRAM = 1;
    private static final byte BY_RETURNING = 2;

    private static final Object[] NOBODY = {};

    private static final VarHandle SETTLED;

    static {
        try {
            SETTLED = MethodHandles.lookup().findVarHandle(InboundDelivery.class, "settled", byte.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final HandlerContext context;
    /** The next in the dispatcher's list. */
    @Nullable
    InboundDelivery nextToHandle;

    /** The next that is to be handled and acknowledged; the event loop's. */
    @Nullable
    InboundDelivery nextToAcknowledge;

    /** Set once by dispatcher or stream, before the program sees the delivery. */
    private Object[] handlers = NOBODY;

    /** By whom: the program says so itself, or its handler has returned. */
    private volatile byte settled;

    private volatile boolean deferred;

    protected InboundDelivery(HandlerContext context, Message message, int packetId, boolean duplicate) {
        super(message, packetId, duplicate);
        this.context = context;
    }

    public Object[] handlers() {
        return handlers;
    }

    public void handlers(Object[] handlers) {
        this.handlers = handlers;
    }

    /** Gives the message to a handler. */
    protected abstract void handle(Object handler) throws Exception;

    public void ack() {
        if (settle()) {
            context.acknowledge(this);
        }
    }

    public void reject() {
        if (settle()) {
            context.refuse(this);
        }
    }

    /** Its handlers have failed for good: that settles it by the failure policy, unless the program has settled it. */
    public void failed() {
        if (settle()) {
            context.fail(this);
        }
    }

    private boolean settle() {
        return SETTLED.compareAndSet(this, OPEN, BY_PROGRAM) && packetId() != 0;
    }

    /** The handlers have returned: that acknowledges, unless the program has settled it otherwise. On the dispatcher's worker. */
    void returned() {
        // If the program settles it at this very moment, the event loop takes what it hears of first.
        if (settled == OPEN) {
            SETTLED.setRelease(this, BY_RETURNING);
        }
    }

    /** Whether returning has settled it. */
    public boolean hasReturned() {
        return settled == BY_RETURNING;
    }

    /** The program takes over the duty to acknowledge. */
    protected final void handOver() {
        if (!deferred) {
            deferred = true;
            if (packetId() != 0) {
                context.defer(this);
            }
        }
    }

    /** Whether the program has taken over the duty to acknowledge, or has done it. */
    boolean deferred() {
        return deferred;
    }

    @Override
    public String toString() {
        return "Delivery[" + message() + (duplicate() ? ", duplicate]" : "]");
    }
}
