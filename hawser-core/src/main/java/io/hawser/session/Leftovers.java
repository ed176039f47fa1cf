package io.hawser.session;

import io.hawser.mqtt.ReasonCode;
import io.hawser.wire.Properties;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Identifiers under which the broker may wait for a PUBREL that nobody here knows of: a client before this one has used them,
 * and what it knew was in memory only, or is lost. The broker would take a QoS 2 message under such an identifier for the
 * repetition of an earlier one, and acknowledge it without passing it on [MQTT-4.3.3-2]. So each is released before its first
 * message, and that message waits for PUBCOMP: without it, a repetition on the next connection would have the same doubt.
 */
final class Leftovers {
    /** Released at a time: a round trip for so many messages, and at most 256 bytes before the first. */
    private static final int BATCH = 64;

    /** Uses an identifier while it is asked for. */
    static final Object RESERVED = new Object();

    private final PacketIds<Object> ids;
    private final Effects effects;
    private final @Nullable Retransmitter retransmitter;
    private final BitSet asked = new BitSet(0);
    private final BitSet released = new BitSet(0);
    private int times;
    private long repeatAtNanos;

    Leftovers(PacketIds<Object> ids, Effects effects, @Nullable Retransmitter retransmitter) {
        this.ids = ids;
        this.effects = effects;
        this.retransmitter = retransmitter;
    }

    /** Whether the broker waits for no PUBREL under the next identifier; if that is not known, it is asked for. */
    boolean isNextReleased(long now) {
        if (!asked.isEmpty() && times == 1) {
            // All of them at once: each that goes before the others makes those wait for the next turn of all
            // identifiers.
            return false;
        }
        int last = ids.last();
        boolean known = released.get(ids.next());
        ids.continueAfter(last);
        if (!known && asked.isEmpty()) {
            times = 0;
            release(now);
        }
        return known;
    }

    private void release(long now) {
        int last = ids.last();
        for (int i = 0; i < BATCH && !ids.exhausted(); i++) {
            int next = ids.next();
            if (released.get(next)) {
                break;
            }
            ids.add(next, RESERVED);
            asked.set(next);
            effects.transmit().pubRel(next, ReasonCode.SUCCESS, Properties.NONE, false);
        }
        ids.continueAfter(last);
        times++;
        if (retransmitter != null) {
            repeatAtNanos = retransmitter.retryAt(times, now);
        }
    }

    /** Tries others, if none was answered in time: a second PUBREL could be answered when its identifier is in use again. */
    void retransmit(long now) {
        if (asked.isEmpty()) {
            return;
        }
        if (repeatAtNanos <= now) {
            release(now);
        } else if (retransmitter != null) {
            retransmitter.nearest(repeatAtNanos);
        }
    }

    /** PUBCOMP has come. Returns whether it was asked for here. Whatever it says, nobody waits any more. */
    boolean completed(int packetId) {
        if (!asked.get(packetId)) {
            return false;
        }
        asked.clear(packetId);
        ids.remove(packetId);
        released.set(packetId);
        return true;
    }

    void disconnected() {
        asked.stream().forEach(ids::remove);
        asked.clear();
    }
}
