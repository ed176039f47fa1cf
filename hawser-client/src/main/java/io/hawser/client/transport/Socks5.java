package io.hawser.client.transport;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ProtocolException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** SOCKS5 (RFC 1928) with the credentials of RFC 1929; the proxy looks the name up. */
final class Socks5 implements ProxyDialogue {
    /** Which answer is being read, and how it goes on. */
    private enum Stage {
        METHOD,
        CREDENTIALS,
        CONNECT,
        OVER
    }

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final int VERSION = 5;
    private static final int NO_CREDENTIALS = 0;
    private static final int USER_AND_PASSWORD = 2;
    private static final int NONE_ACCEPTED = 0xff;
    private static final int IPV4 = 1;
    private static final int NAME = 3;
    private static final int IPV6 = 4;
    /** Version, code, a zero, the kind of the address, one byte of it. */
    private static final int CONNECT_START = 5;

    private final String host;
    private final int port;
    private final @Nullable String user;
    private final @Nullable String password;

    private Stage stage = Stage.METHOD;
    private final byte[] answer = new byte[CONNECT_START + 255 + 2];
    private int size;
    private int needed = 2;

    Socks5(String host, int port, @Nullable String user, @Nullable String password) {
        this.host = host;
        this.port = port;
        this.user = user;
        this.password = password;
    }

    @Override
    public ByteBuffer begin() {
        return ByteBuffer.wrap(
                user == null
                        ? new byte[] {VERSION, 1, NO_CREDENTIALS}
                        : new byte[] {VERSION, 2, NO_CREDENTIALS, USER_AND_PASSWORD});
    }

    @Override
    public ByteBuffer answer(ByteBuffer from) throws IOException {
        ByteBuffer next = NOTHING;
        while (from.hasRemaining() && stage != Stage.OVER && !next.hasRemaining()) {
            answer[size++] = from.get();
            requireVersion();
            if (size == needed) {
                next = answered();
            }
        }
        return next;
    }

    private void requireVersion() throws ProtocolException {
        int version = stage == Stage.CREDENTIALS ? 1 : VERSION;
        if (answer[0] != version) {
            throw new ProtocolException(
                    "it does not answer as a SOCKS5 proxy does: 0x" + Integer.toHexString(answer[0] & 0xff));
        }
        if (stage == Stage.CONNECT && size == 2) {
            requireGranted(answer[1] & 0xff);
        }
    }

    private ByteBuffer answered() throws IOException {
        int code = answer[1] & 0xff;
        return switch (stage) {
            case METHOD -> method(code);
            case CREDENTIALS -> {
                if (code != 0) {
                    throw new ProtocolException(
                            "it does not accept these credentials (SOCKS5, RFC 1929 code " + code + ")");
                }
                yield connect();
            }
            case CONNECT -> {
                if (needed == CONNECT_START) {
                    needed = CONNECT_START + addressBytes() - 1 + 2;
                } else {
                    stage = Stage.OVER;
                }
                yield NOTHING;
            }
            case OVER -> NOTHING;
        };
    }

    private ByteBuffer method(int method) throws IOException {
        if (method == NO_CREDENTIALS) {
            return connect();
        }
        if (method == NONE_ACCEPTED || method != USER_AND_PASSWORD || user == null) {
            throw new ProtocolException(
                    method == NONE_ACCEPTED
                            ? user == null
                                    ? "it wants credentials (SOCKS5 method 255)"
                                    : "it wants to know the client in another way than by user and password (SOCKS5 method 255)"
                            : "it chooses a way to authenticate that was not offered (SOCKS5 method " + method + ")");
        }
        await(Stage.CREDENTIALS, 2);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(1);
        text(out, user);
        text(out, password == null ? "" : password);
        return ByteBuffer.wrap(out.toByteArray());
    }

    private static void text(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.write(bytes.length);
        out.writeBytes(bytes);
    }

    private void await(Stage next, int bytes) {
        stage = next;
        size = 0;
        needed = bytes;
    }

    private ByteBuffer connect() throws IOException {
        await(Stage.CONNECT, CONNECT_START);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(VERSION);
        out.write(1);
        out.write(0);
        InetAddress literal = literal(host);
        if (literal == null) {
            if (host.getBytes(StandardCharsets.UTF_8).length > 255) {
                throw new ProtocolException("SOCKS5 has no room for a name of more than 255 bytes");
            }
            out.write(NAME);
            text(out, host);
        } else {
            out.write(literal.getAddress().length == 4 ? IPV4 : IPV6);
            out.writeBytes(literal.getAddress());
        }
        out.write(port >> 8);
        out.write(port);
        return ByteBuffer.wrap(out.toByteArray());
    }

    private static @Nullable InetAddress literal(String host) throws UnknownHostException {
        int zone = host.indexOf('%');
        // With a colon it is an address, and nothing is looked up.
        return host.indexOf(':') >= 0
                ? InetAddress.getByName(zone < 0 ? host : host.substring(0, zone))
                : Addresses.ipv4(host);
    }

    /** Of the address to which the proxy is bound, which nobody needs. */
    private int addressBytes() throws ProtocolException {
        return switch (answer[3]) {
            case IPV4 -> 4;
            case IPV6 -> 16;
            case NAME -> 1 + (answer[4] & 0xff);
            default -> throw new ProtocolException("it answers with an address of unknown kind " + (answer[3] & 0xff));
        };
    }

    private static void requireGranted(int code) throws ProtocolException {
        String words = switch (code) {
            case 0 -> "";
            case 1 -> "it failed";
            case 2 -> "its rules forbid this server";
            case 3 -> "it cannot reach the server's network";
            case 4 -> "it cannot reach the server";
            case 5 -> "the server refuses its connection";
            case 6 -> "its connection to the server expired";
            case 7 -> "it cannot connect for others";
            case 8 -> "it does not know this kind of address";
            default -> "it answers with a code that SOCKS5 does not have";
        };
        if (code != 0) {
            throw new ProtocolException(words + " (SOCKS5 code " + code + ")");
        }
    }

    @Override
    public boolean isOver() {
        return stage == Stage.OVER;
    }
}
