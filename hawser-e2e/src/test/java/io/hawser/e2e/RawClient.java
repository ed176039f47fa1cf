package io.hawser.e2e;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A client of MQTT 5.0 that sends whatever it is told to: the bytes that no decent library would. */
final class RawClient implements AutoCloseable {
    private static final int PACKET_ID = 7;

    private final Socket socket;
    private final DataInputStream in;

    RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(20_000);
        in = new DataInputStream(socket.getInputStream());
        send(0x10, bytes(text("MQTT"), new byte[] {5, 2, 0, 60, 0}, text(Clients.id())));
        requireType(0x20);
    }

    /** Publishes at QoS 1, and waits until the broker has it. */
    void publish(String topic, byte[] properties, byte[] payload, boolean retain) throws IOException {
        send(0x32 | (retain ? 1 : 0), body(topic, properties, payload));
        requireType(0x40);
    }

    /** Publishes at QoS 1 what it says to have published before. */
    void publishAgain(String topic, byte[] payload) throws IOException {
        send(0x3a, body(topic, new byte[0], payload));
        requireType(0x40);
    }

    private static byte[] body(String topic, byte[] properties, byte[] payload) {
        return bytes(text(topic), new byte[] {0, PACKET_ID}, variable(properties.length), properties, payload);
    }

    static byte[] text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return bytes(new byte[] {(byte) (utf8.length >> 8), (byte) utf8.length}, utf8);
    }

    static byte[] bytes(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static byte[] variable(int value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int rest = value;
        do {
            out.write(rest > 127 ? rest & 127 | 128 : rest);
            rest >>= 7;
        } while (rest > 0);
        return out.toByteArray();
    }

    private void send(int first, byte[] body) throws IOException {
        socket.getOutputStream().write(bytes(new byte[] {(byte) first}, variable(body.length), body));
    }

    private void requireType(int first) throws IOException {
        int type = in.readUnsignedByte();
        if (type != first) {
            throw new IOException(
                    "got packet 0x" + Integer.toHexString(type) + " instead of 0x" + Integer.toHexString(first));
        }
        in.readNBytes(in.readUnsignedByte());
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
