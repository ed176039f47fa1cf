package io.hawser.session;

import io.hawser.store.SessionLog;
import java.util.BitSet;

/** The identifiers of QoS 2 messages between PUBREC and PUBREL: a PUBLISH under one of them is a repetition [MQTT-4.3.3-2]. */
final class ReceivedIds {
    /** The set that has no room, and is shared by all who have had no identifier to hold. */
    static final BitSet NONE = new BitSet(0);

    private final SessionLog log;
    private BitSet received = NONE;
    /** Those of them that the broker may have forgotten with the session. */
    private BitSet doubted = NONE;

    ReceivedIds(SessionLog log) {
        this.log = log;
    }

    /** The set with one identifier more: another object if it was {@link #NONE}. */
    static BitSet with(int packetId, BitSet set) {
        BitSet some = set.size() == 0 ? new BitSet() : set;
        some.set(packetId);
        return some;
    }

    /** An identifier that the log has kept. */
    void restore(int packetId) {
        received = with(packetId, received);
    }

    boolean contains(int packetId) {
        return received.get(packetId);
    }

    boolean isDoubted(int packetId) {
        return doubted.get(packetId);
    }

    /** @param inDoubt whether the broker may have forgotten the message with the session since it came */
    void add(int packetId, boolean inDoubt) {
        received = with(packetId, received);
        if (inDoubt) {
            doubted = with(packetId, doubted);
        } else {
            doubted.clear(packetId);
        }
        log.received(packetId);
    }

    void forget(int packetId) {
        doubted.clear(packetId);
        received.clear(packetId);
        log.forgotten(packetId);
    }

    /** The broker may have lost the session, and so all that it had sent. */
    void doubtAll() {
        doubted = received.isEmpty() ? NONE : (BitSet) received.clone();
    }

    /** The broker has lost the session. */
    void forgetAll() {
        for (int id = received.nextSetBit(0); id >= 0; id = received.nextSetBit(id + 1)) {
            log.forgotten(id);
        }
        received.clear();
        doubted.clear();
    }
}
