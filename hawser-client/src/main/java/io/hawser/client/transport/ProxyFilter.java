package io.hawser.client.transport;

import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;

/** The way through a proxy: a dialogue with the proxy first, then the bytes of both sides as they are. */
final class ProxyFilter extends Filter {
    private final ProxyDialogue dialogue;
    private final String name;

    ProxyFilter(SocketEventLoop loop, Target target, Layer below, ProxySettings proxy) {
        super(loop, target, below);
        dialogue = proxy.dialogue(target.host(), target.port(), Secrets.of(target));
        name = proxy.name();
    }

    @Override
    void begin() {
        sendUnits(takeUnits().put(dialogue.begin()));
    }

    @Override
    String handshake() {
        return "dialogue with the " + name;
    }

    /** Nothing is ever kept. */
    @Override
    int unitSize(ByteBuffer from) {
        return 1;
    }

    @Override
    void decode(ByteBuffer from) throws IOException {
        if (!dialogue.isOver()) {
            converse(from);
        }
        if (dialogue.isOver()) {
            requireMqtt(from);
            deliver(from);
            from.position(from.limit());
        }
    }

    private void converse(ByteBuffer from) throws IOException {
        while (from.hasRemaining() && !dialogue.isOver()) {
            ByteBuffer next;
            try {
                next = dialogue.answer(from);
            } catch (IOException e) {
                ProtocolException told = new ProtocolException("the proxy does not connect: " + e.getMessage());
                told.initCause(e);
                throw told;
            }
            if (next.hasRemaining()) {
                sendUnits(takeUnits().put(next));
            }
        }
        if (dialogue.isOver()) {
            openingSucceeded();
        }
    }

    @Override
    int encode(ByteBuffer[] sources, int count, long bytes, ByteBuffer units) {
        int before = units.position();
        FilterBuffers.copy(sources, count, units);
        return units.position() - before;
    }

    @Override
    void farewell() {
        // The end of the connection says it.
    }
}
