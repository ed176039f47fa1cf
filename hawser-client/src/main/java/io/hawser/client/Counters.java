package io.hawser.client;

import io.hawser.session.ClientSession;
import java.util.concurrent.atomic.AtomicLongArray;

/** The figures of {@link Statistics}: written by the event loop at the end of a turn, read by anyone. */
final class Counters {
    private static final int QUEUED = 0;
    private static final int QUEUED_BYTES = 1;
    private static final int INFLIGHT = 2;
    private static final int SENT = 3;
    private static final int ACKNOWLEDGED = 4;
    private static final int DROPPED = 5;
    private static final int RECEIVED = 6;
    private static final int UNACKNOWLEDGED = 7;
    private static final int DROPPED_INBOUND = 8;
    private static final int CONNECTIONS = 9;

    private final AtomicLongArray figures = new AtomicLongArray(10);
    private long droppedByLane;

    void droppedInbound() {
        droppedByLane++;
    }

    void update(ClientSession session) {
        figures.setOpaque(QUEUED, session.figures().queued());
        figures.setOpaque(QUEUED_BYTES, session.figures().queuedBytes());
        figures.setOpaque(INFLIGHT, session.figures().inflight());
        figures.setOpaque(SENT, session.figures().sent());
        figures.setOpaque(ACKNOWLEDGED, session.figures().acknowledged());
        figures.setOpaque(DROPPED, session.figures().dropped());
        figures.setOpaque(RECEIVED, session.figures().receivedCount());
        figures.setOpaque(UNACKNOWLEDGED, session.figures().unacknowledged());
        figures.setOpaque(DROPPED_INBOUND, session.figures().droppedInbound() + droppedByLane);
        figures.setOpaque(CONNECTIONS, session.figures().connections());
    }

    Statistics snapshot(long submitted, long refused) {
        return new Statistics(
                figures.getOpaque(QUEUED) + submitted,
                figures.getOpaque(QUEUED_BYTES),
                figures.getOpaque(INFLIGHT),
                figures.getOpaque(SENT),
                figures.getOpaque(ACKNOWLEDGED),
                figures.getOpaque(DROPPED) + refused,
                figures.getOpaque(RECEIVED),
                figures.getOpaque(UNACKNOWLEDGED),
                figures.getOpaque(DROPPED_INBOUND),
                figures.getOpaque(CONNECTIONS));
    }
}
