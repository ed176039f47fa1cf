package io.hawser.client.api;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/** A broker that ends the connection on packets it does not like, and answers all others. */
final class ClosingBroker implements AutoCloseable {
    /** Which packets the broker does not like: the type, and what follows the remaining length. */
    @FunctionalInterface
    interface Dislike {
        boolean of(int type, int level, byte[] body);
    }

    final AtomicInteger connections = new AtomicInteger();
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Dislike dislike;

    ClosingBroker(Dislike dislike) throws IOException {
        this.dislike = dislike;
        run(() -> {
            while (true) {
                Socket socket = listener.accept();
                connections.incrementAndGet();
                run(() -> serve(socket));
            }
        });
    }

    String url() {
        return "mqtt://127.0.0.1:" + listener.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }

    /** What may fail with the connection. */
    @FunctionalInterface
    private interface Task {
        void run() throws IOException;
    }

    private static void run(Task task) {
        Thread thread = new Thread(() -> {
            try {
                task.run();
            } catch (IOException e) {
                // The connection or the broker has ended.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private void serve(Socket socket) throws IOException {
        try (socket) {
            DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            int level = 0;
            for (int first = in.read(); first >= 0; first = in.read()) {
                int length = 0;
                int shift = 0;
                int next;
                do {
                    next = in.read();
                    length |= (next & 127) << shift;
                    shift += 7;
                } while (next > 127);
                byte[] body = in.readNBytes(length);
                if (first == 0x10) {
                    level = body[2 + body[1]];
                }
                if (dislike.of(first >> 4, level, body)) {
                    return;
                }
                byte[] answer = answer(first, level, body);
                socket.getOutputStream().write(answer);
            }
        }
    }

    private static byte[] answer(int first, int level, byte[] body) {
        boolean five = level == 5;
        int qos = first >> 1 & 3;
        return switch (first >> 4) {
            case 1 -> five ? bytes(0x20, 3, 0, 0, 0) : bytes(0x20, 2, 0, 0);
            case 3 -> {
                int at = 2 + (body[0] << 8 | body[1] & 255);
                yield qos == 0 ? bytes() : bytes(qos == 1 ? 0x40 : 0x50, 2, body[at], body[at + 1]);
            }
            case 6 -> bytes(0x70, 2, body[0], body[1]);
            case 8, 10 -> granted(first >> 4 == 8, five, body);
            case 12 -> bytes(0xd0, 0);
            default -> bytes();
        };
    }

    private static byte[] granted(boolean subscribes, boolean five, byte[] body) {
        int filters = filters(subscribes, five, body);
        byte[] out = new byte[4 + (five ? 1 : 0) + (five || subscribes ? filters : 0)];
        out[0] = (byte) (subscribes ? 0x90 : 0xb0);
        out[1] = (byte) (out.length - 2);
        out[2] = body[0];
        out[3] = body[1];
        return out;
    }

    /** How many filters SUBSCRIBE or UNSUBSCRIBE has. */
    static int filters(boolean subscribes, boolean five, byte[] body) {
        int filters = 0;
        for (int i = five ? 3 + body[2] : 2; i < body.length; filters++) {
            i += 2 + (body[i] << 8 | body[i + 1] & 255) + (subscribes ? 1 : 0);
        }
        return filters;
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
