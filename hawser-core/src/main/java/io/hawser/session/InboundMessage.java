package io.hawser.session;

import io.hawser.mqtt.Message;
import org.jspecify.annotations.Nullable;

/** A received message on its way through a handler. Its state belongs to the session. */
public class InboundMessage {
    private Message message;
    private final char packetId;
    private final boolean duplicate;

    /** The next to arrive on the same connection. */
    @Nullable
    InboundMessage next;

    /** The connection it came on, or came again on. */
    int connection;

    boolean acknowledged;
    /** The error that answers the message, if the broker can be told one; null unless the message is refused. */
    @Nullable
    Rejection rejection;

    boolean deferred;
    /** At QoS 2: PUBREL came before the handler had returned, so that no PUBREC is wanted any more. */
    boolean released;

    protected InboundMessage(Message message, int packetId, boolean duplicate) {
        this.message = message;
        this.packetId = (char) packetId;
        this.duplicate = duplicate;
    }

    public final Message message() {
        return message;
    }

    /** What the program gets to see, decided before it is delivered. */
    final void show(Message shown) {
        message = shown;
    }

    /** 0 at QoS 0. */
    public final int packetId() {
        return packetId;
    }

    public final boolean duplicate() {
        return duplicate;
    }

    final boolean settled() {
        return acknowledged || rejection != null;
    }
}
