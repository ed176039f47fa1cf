package io.hawser.client.transport;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Map;

/**
 * WebSocket (RFC 6455): the units of this filter are frames. What a frame of the server's carries is handed on as it arrives, so that
 * none is kept; what is written in one turn leaves in one frame, as far as that has room.
 */
final class WebSocketFilter extends Filter implements WebSocketFrames.Reader {
    private static final int NORMAL = 1000;
    /** Only the last PING must be answered (RFC 6455, section 5.5.3); so many are, if the network takes no more for now. */
    private static final int MOST_PONGS = 32;

    private static final Map<Integer, String> CODES = Map.ofEntries(
            Map.entry(NORMAL, "it is done"),
            Map.entry(1001, "it goes away"),
            Map.entry(1002, "it calls what was sent a protocol error"),
            Map.entry(1003, "it does not accept this kind of data"),
            Map.entry(WebSocketFrames.NO_CODE, "without a code"),
            Map.entry(1007, "it calls what was sent inconsistent"),
            Map.entry(1008, "what was sent is against its policy"),
            Map.entry(1009, "what was sent is too large for it"),
            Map.entry(1010, "it misses an extension"),
            Map.entry(1011, "it failed"),
            Map.entry(1012, "it restarts"),
            Map.entry(1013, "try again later"),
            Map.entry(1014, "the server behind it failed"));

    private final WebSocketHandshake handshake;
    private final Secrets secrets;
    private final HttpHead answer;
    private final WebSocketFrames frames = new WebSocketFrames(this);
    private final ArrayDeque<byte[]> pongs = new ArrayDeque<>(1);
    private boolean upgraded;
    /** What this side closes with. */
    private int closeCode = NORMAL;

    WebSocketFilter(SocketEventLoop loop, Target target, Layer below, WebSocketSettings settings) {
        super(loop, target, below);
        secrets = Secrets.of(target);
        answer = new HttpHead(secrets);
        boolean ownPort = target.port() == (target.tls() == null ? 80 : 443);
        byte[] nonce = loop.filterBuffers().random(WebSocketHandshake.NONCE_BYTES);
        handshake = new WebSocketHandshake(target.host(), ownPort ? -1 : target.port(), settings, nonce);
    }

    @Override
    void begin() {
        sendUnits(takeUnits().put(handshake.request()));
    }

    @Override
    String handshake() {
        return "WebSocket handshake";
    }

    /** Nothing is ever kept. */
    @Override
    int unitSize(ByteBuffer from) {
        return 1;
    }

    @Override
    void decode(ByteBuffer from) throws IOException {
        if (!upgraded && answer.read(from)) {
            handshake.check(answer);
            upgraded = true;
            openingSucceeded();
        }
        if (upgraded) {
            try {
                frames.read(from);
            } catch (WebSocketException e) {
                closeCode = e.code();
                throw e;
            }
        }
    }

    @Override
    public void payload(ByteBuffer part) {
        deliver(part);
    }

    @Override
    public void control(int opcode, byte[] payload) {
        if (opcode == WebSocketFrames.PING) {
            if (pongs.size() == MOST_PONGS) {
                pongs.remove();
            }
            pongs.add(payload);
        }
    }

    @Override
    public void closed(int code, String reason) {
        closeCode = code == WebSocketFrames.NO_CODE ? NORMAL : code;
        String said = reason.isEmpty() ? "" : ", " + secrets.shown(reason);
        String number = code == WebSocketFrames.NO_CODE ? "" : "with code " + code + said + ": ";
        String meaning = CODES.getOrDefault(code, "a code of the server's own");
        endedByPeer(new EOFException("the server closed the WebSocket " + number + meaning));
    }

    @Override
    boolean speaks() {
        return !pongs.isEmpty();
    }

    @Override
    int encode(ByteBuffer[] sources, int count, long bytes, ByteBuffer units) {
        for (byte[] pong = pongs.poll(); pong != null; pong = pongs.poll()) {
            WebSocketFrames.put(units, WebSocketFrames.PONG, pong, mask());
        }
        int taken = (int) Math.min(bytes, units.remaining() - WebSocketFrames.MOST_HEADER);
        if (taken > 0) {
            int mask = mask();
            WebSocketFrames.header(units, WebSocketFrames.BINARY, taken, mask);
            int from = units.position();
            FilterBuffers.copy(sources, count, units.limit(from + taken));
            WebSocketFrames.mask(units, from, mask);
        }
        return taken;
    }

    private int mask() {
        return loop.filterBuffers().randomInt();
    }

    @Override
    void farewell() {
        if (upgraded) {
            byte[] code = {(byte) (closeCode >> 8), (byte) closeCode};
            ByteBuffer units = takeUnits();
            WebSocketFrames.put(units, WebSocketFrames.CLOSE, code, mask());
            sendUnits(units);
        }
    }
}
