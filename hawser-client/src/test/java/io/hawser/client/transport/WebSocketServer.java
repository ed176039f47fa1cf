package io.hawser.client.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Locale;

/** The server's side of one WebSocket, written as the standard describes it and without the client's classes. */
final class WebSocketServer {
    private final Socket socket;
    private final DataInputStream in;
    private final String request;

    /** Reads the request, and answers nothing yet. */
    WebSocketServer(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
        request = head(in);
    }

    /** Reads the request and accepts it. */
    static WebSocketServer accept(Socket socket) throws Exception {
        WebSocketServer server = new WebSocketServer(socket);
        server.send(server.acceptance().getBytes(StandardCharsets.US_ASCII));
        return server;
    }

    static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("no complete request: " + head);
            }
            head.write(next);
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    String request() {
        return request;
    }

    private String header(String name) {
        return request.lines()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst()
                .orElseThrow();
    }

    String acceptance() throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-1")
                .digest((header("sec-websocket-key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                        .getBytes(StandardCharsets.US_ASCII));
        return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                + Base64.getEncoder().encodeToString(digest) + "\r\nSec-WebSocket-Protocol: "
                + header("sec-websocket-protocol").split(",")[0] + "\r\n\r\n";
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    void sendByteByByte(byte[] bytes) throws IOException {
        for (byte each : bytes) {
            socket.getOutputStream().write(each);
        }
    }

    /** A frame of the client's. */
    record Frame(int opcode, byte[] payload) {
        String text() {
            return new String(payload, StandardCharsets.ISO_8859_1);
        }

        int code() {
            return (payload[0] & 0xff) << 8 | payload[1] & 0xff;
        }
    }

    /** The next frame, checked as a server must check it: whole, masked, its length written as short as can be. */
    Frame read() throws IOException {
        int first = in.readUnsignedByte();
        int second = in.readUnsignedByte();
        assertThat(first & 0xf0).as("final, no reserved bits").isEqualTo(0x80);
        assertThat(second & 0x80).as("masked").isEqualTo(0x80);
        long length = second & 0x7f;
        if (length == 126) {
            length = in.readUnsignedShort();
            assertThat(length).isGreaterThanOrEqualTo(126);
        } else if (length == 127) {
            length = in.readLong();
            assertThat(length).isGreaterThan(0xffff);
        }
        byte[] mask = in.readNBytes(4);
        byte[] payload = in.readNBytes((int) length);
        assertThat((long) payload.length).isEqualTo(length);
        for (int i = 0; i < payload.length; i++) {
            payload[i] ^= mask[i % 4];
        }
        return new Frame(first & 0x0f, payload);
    }

    /** Whether nothing more comes. */
    boolean isAtEnd() throws IOException {
        return in.read() < 0;
    }

    static byte[] frame(int first, String text) {
        return new FramingCase.Script().frame(first, FramingCase.bytes(text)).sent();
    }
}
