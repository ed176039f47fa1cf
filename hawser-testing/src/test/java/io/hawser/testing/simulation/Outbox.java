package io.hawser.testing.simulation;

import io.hawser.store.SessionLog;
import io.hawser.wire.Outlet;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * What leaves at the end of a turn, when everything that the turn logged is safe, and after the turns before it: bytes, the end
 * of the connection, and deeds that others can see.
 */
final class Outbox implements Outlet {
    private static final int SIZE = 512;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Deque<Turn> held = new ArrayDeque<>();
    private ByteBuffer bytes = ByteBuffer.allocate(SIZE);
    private List<Deed> deeds = new ArrayList<>();

    /** @param sequence of the message that it is about, or 0 */
    private record Deed(long sequence, Runnable act) {}

    private static final class Turn {
        final Link link;
        final ByteBuffer bytes;
        final List<Deed> deeds;
        final boolean closes;
        final long position;
        /** The position of the log from which on the turn may leave. */
        long end = Long.MAX_VALUE;

        Turn(Link link, ByteBuffer bytes, List<Deed> deeds, boolean closes, long position) {
            this.link = link;
            this.bytes = bytes;
            this.deeds = deeds;
            this.closes = closes;
            this.position = position;
        }
    }

    @Override
    public ByteBuffer room(int size) {
        if (bytes.remaining() < size) {
            bytes = ByteBuffer.allocate(bytes.capacity() * 2 + size).put(bytes.flip());
        }
        return bytes;
    }

    @Override
    public void append(ByteBuffer more) {
        room(more.remaining()).put(more);
    }

    /**
     * Happens when the turn is safe, or if it is found to be after a crash.
     *
     * @param sequence of the message that it is about, with which it is given up; or 0
     */
    void whenSafe(long sequence, Runnable act) {
        deeds.add(new Deed(sequence, act));
    }

    /** The log has given up the messages with higher sequences. */
    void rollback(long lastSafe) {
        deeds.removeIf(deed -> deed.sequence > lastSafe);
        held.forEach(turn -> turn.deeds.removeIf(deed -> deed.sequence > lastSafe));
    }

    boolean hasPackets() {
        return bytes.position() > 0;
    }

    /** The packets of this turn have no connection any more. */
    void dropPackets() {
        bytes.clear();
    }

    boolean isEmpty() {
        return held.isEmpty();
    }

    /** @param position how much has been logged */
    void endTurn(Link link, boolean closes, SessionLog log, long position) {
        if (!hasPackets() && deeds.isEmpty() && !closes) {
            return;
        }
        Turn turn = new Turn(link, take(), deeds, closes, position);
        deeds = new ArrayList<>();
        held.add(turn);
        turn.end = log.sync();
        release(log);
    }

    /** Lets out the turns that may leave. */
    void release(SessionLog log) {
        for (Turn turn = held.peek(); turn != null && turn.end <= log.safePosition(); turn = held.peek()) {
            held.remove();
            turn.deeds.forEach(deed -> deed.act.run());
            if (turn.link != null && turn.bytes.hasRemaining()) {
                turn.link.fromClient(turn.bytes);
            }
            if (turn.closes) {
                turn.link.closedByClient();
            }
        }
    }

    /** Nothing leaves any more; what the log still has up to a position has happened all the same. */
    void clear(long survived) {
        held.stream()
                .filter(turn -> turn.position <= survived)
                .forEach(turn -> turn.deeds.forEach(deed -> deed.act.run()));
        held.clear();
        deeds.clear();
        bytes.clear();
    }

    private ByteBuffer take() {
        if (!hasPackets()) {
            return NOTHING;
        }
        ByteBuffer taken = bytes.flip();
        bytes = ByteBuffer.allocate(SIZE);
        return taken;
    }
}
