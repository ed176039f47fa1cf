package io.hawser.session;

import io.hawser.mqtt.Message;
import io.hawser.text.Utf8;

/**
 * The QoS 0 message that was sent last on a connection. Nothing answers it and it is never sent again, so it is not set aside; but if
 * connection after connection ends on one, somebody is told.
 */
final class LastOnce {
    /** An end that comes later has another reason, as far as anybody can tell. */
    private static final long SOON_NANOS = 1_000_000_000L;
    /** So many in a row are told first; then twice as many, and so on. */
    private static final int FIRST_TOLD = 3;

    private String topic = "";
    private int bytes;
    private long sentAt = Timers.NEVER;
    private int ends;

    void sent(Message message, long now) {
        topic = message.topic();
        bytes = message.payloadSize();
        sentAt = now;
    }

    void connected() {
        sentAt = Timers.NEVER;
    }

    /**
     * The peer has ended a connection.
     *
     * @param nothingElse whether no request was unanswered
     * @return whether it is to be told
     */
    boolean ended(boolean nothingElse, long now) {
        boolean soon = nothingElse && sentAt != Timers.NEVER && now - sentAt <= SOON_NANOS;
        ends = soon ? ends + 1 : 0;
        return ends >= FIRST_TOLD && ends % FIRST_TOLD == 0 && Integer.bitCount(ends / FIRST_TOLD) == 1;
    }

    int ends() {
        return ends;
    }

    String inWords() {
        return "PUBLISH to '" + Utf8.printable(topic) + "' (" + bytes
                + " bytes, AT_MOST_ONCE), the last before the end, or one before it";
    }
}
