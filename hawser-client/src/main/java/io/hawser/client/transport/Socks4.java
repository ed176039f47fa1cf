package io.hawser.client.transport;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** SOCKS4 with the extension 4a, by which the proxy looks the name up. */
final class Socks4 implements ProxyDialogue {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    /** An address that is none says that a name follows. */
    private static final byte[] NAME_FOLLOWS = {0, 0, 0, 1};

    private static final int ANSWER_BYTES = 8;
    private static final int GRANTED = 90;

    private final byte[] request;
    private int read;
    private int code;

    Socks4(String host, int port, @Nullable String user) {
        InetAddress literal = Addresses.ipv4(host);
        if (host.indexOf(':') >= 0) {
            throw new IllegalArgumentException("SOCKS4 has no IPv6 addresses, and the server is given by one");
        }
        if (literal != null && literal.getAddress()[0] == 0) {
            throw new IllegalArgumentException(host + " is no server's address, and means something else to SOCKS4");
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(4);
        out.write(1);
        out.write(port >> 8);
        out.write(port);
        out.writeBytes(literal == null ? NAME_FOLLOWS : literal.getAddress());
        out.writeBytes((user == null ? "" : user).getBytes(StandardCharsets.UTF_8));
        out.write(0);
        if (literal == null) {
            out.writeBytes(host.getBytes(StandardCharsets.UTF_8));
            out.write(0);
        }
        request = out.toByteArray();
    }

    @Override
    public ByteBuffer begin() {
        return ByteBuffer.wrap(request);
    }

    @Override
    public ByteBuffer answer(ByteBuffer from) throws IOException {
        while (from.hasRemaining() && !isOver()) {
            int next = from.get() & 0xff;
            if (read == 0 && next != 0) {
                throw new ProtocolException(
                        "it does not answer as a SOCKS4 proxy does: 0x" + Integer.toHexString(next));
            }
            if (read == 1) {
                code = next;
                requireGranted();
            }
            read++;
        }
        return NOTHING;
    }

    private void requireGranted() throws ProtocolException {
        if (code != GRANTED) {
            String words = switch (code) {
                case 91 -> "it refuses, or cannot reach the server";
                case 92 -> "it wants to ask an identd on this machine, and there is none";
                case 93 -> "the identd on this machine names another user";
                default -> "it answers with a code that SOCKS4 does not have";
            };
            throw new ProtocolException(words + " (SOCKS4 code " + code + ")");
        }
    }

    @Override
    public boolean isOver() {
        return read == ANSWER_BYTES;
    }
}
