package io.hawser.cli;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Accepts MQTT 5.0 connections, and answers PUBLISH at QoS 1 with the code that stands in the payload as text. */
final class RawBroker implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final boolean silent;

    /** @param silent whether it never answers anything */
    RawBroker(boolean silent) throws IOException {
        this.silent = silent;
        start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    private interface Task {
        void run() throws IOException;
    }

    private static void start(Task task) {
        Thread thread = new Thread(() -> {
            try {
                task.run();
            } catch (IOException e) {
                // the end of a connection, or of all
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() throws IOException {
        while (true) {
            Socket socket = listener.accept();
            start(() -> serve(socket));
        }
    }

    private void serve(Socket socket) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        for (int first = in.read(); first >= 0; first = in.read()) {
            byte[] body = in.readNBytes(in.read()); // all packets of these tests are short
            if (silent) {
                continue;
            }
            if (first >> 4 == 1) {
                socket.getOutputStream().write(new byte[] {0x20, 3, 0, 0, 0});
            } else if (first >> 4 == 3) {
                int id = 2 + body[1];
                int payload = id + 3 + body[id + 2];
                int code = Integer.decode(new String(body, payload, body.length - payload, StandardCharsets.UTF_8));
                socket.getOutputStream().write(new byte[] {0x40, 4, body[id], body[id + 1], (byte) code, 0});
            }
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
