package io.hawser.client.delivery;

import io.hawser.mqtt.Message;
import io.hawser.session.InboundMessage;
import io.hawser.session.Rejection;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** A received message on its way from the session to the handlers, with its acknowledgement state. */
public abstract class InboundDelivery extends InboundMessage {
    private static final byte OPEN = 0;
    private static final byte BY_PROGRAM = 1;
    private static final byte BY_RETURNING = 2;

    private static final Object[] NOBODY = {};

    private static final VarHandle ANSWER;

    static {
        try {
            ANSWER = MethodHandles.lookup().findVarHandle(InboundDelivery.class, "answer", byte.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final HandlerContext context;
    /** The next delivery to be handled, in the {@link DeliveryList}. */
    @Nullable
    InboundDelivery nextToHandle;

    /** The next delivery to be acknowledged, in the {@link DeliveryList}. */
    @Nullable
    InboundDelivery nextToAcknowledge;

    /** The handlers of the message. Set once by dispatcher or stream, before the program sees the delivery. */
    private Object[] handlers = NOBODY;

    /** The state of the acknowledgement: open, decided by the program, or decided by the handlers' return. */
    private volatile byte answer;

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
        if (answerByProgram()) {
            context.acknowledge(this);
        }
    }

    public void reject() {
        reject(Rejection.UNSPECIFIED);
    }

    protected final void reject(Rejection rejection) {
        if (answerByProgram()) {
            context.refuse(this, rejection);
        }
    }

    /**
     * Gives the message up as the failure policy says, because its handlers have failed for good, unless the program
     * has acknowledged or rejected it.
     */
    public void failed() {
        if (answerByProgram()) {
            context.fail(this);
        }
    }

    private boolean answerByProgram() {
        return ANSWER.compareAndSet(this, OPEN, BY_PROGRAM) && packetId() != 0;
    }

    /**
     * Notes that the handlers have returned, which acknowledges the message unless the program has acknowledged or
     * rejected it. On the dispatcher's worker.
     */
    void returned() {
        // If the program acknowledges or rejects at this very moment, its command reaches the event loop first and
        // counts.
        if (answer == OPEN) {
            ANSWER.setRelease(this, BY_RETURNING);
        }
    }

    /** Whether the handlers' return has acknowledged the message. */
    public boolean hasReturned() {
        return answer == BY_RETURNING;
    }

    /** Notes that the program takes over the duty to acknowledge. */
    protected final void handOver() {
        if (!deferred) {
            deferred = true;
            if (packetId() != 0) {
                context.defer(this);
            }
        }
    }

    /** Whether the program has taken over the duty to acknowledge, even if it has done that duty since. */
    boolean deferred() {
        return deferred;
    }

    @Override
    public String toString() {
        return "Delivery[" + message() + (duplicate() ? ", duplicate]" : "]");
    }
}
