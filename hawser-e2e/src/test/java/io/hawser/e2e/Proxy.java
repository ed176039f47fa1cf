package io.hawser.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A stretch of network between a client and a broker that the test can cut. */
final class Proxy implements AutoCloseable {
    private final ServerSocket server;
    private final int brokerPort;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    Proxy(int brokerPort) throws IOException {
        this.brokerPort = brokerPort;
        server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    String url() {
        return "mqtt://127.0.0.1:" + server.getLocalPort();
    }

    /** Ends every connection, as seen from both sides without a word of farewell; new ones are let through. */
    void cut() throws IOException {
        for (Socket socket : sockets) {
            sockets.remove(socket);
            socket.close();
        }
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = server.accept();
            Socket broker;
            try {
                broker = new Socket(InetAddress.getByName("127.0.0.1"), brokerPort);
            } catch (IOException e) {
                client.close();
                continue;
            }
            sockets.add(client);
            sockets.add(broker);
            start(() -> pump(client, broker));
            start(() -> pump(broker, client));
        }
    }

    private void pump(Socket from, Socket to) throws IOException {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            in.transferTo(out);
        } finally {
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    private interface Task {
        void run() throws IOException;
    }

    private static void start(Task task) {
        Thread thread = new Thread(() -> {
            try {
                task.run();
            } catch (IOException e) {
                // A socket was closed, which is what this class is for.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        server.close();
        cut();
    }
}
