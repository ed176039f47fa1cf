package io.hawser.client.transport;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server on the loopback interface that treats each connection as the test says, on a thread of its own. */
final class Peer implements AutoCloseable {
    interface Behaviour {
        void with(Socket socket) throws Exception;
    }

    static final Behaviour ECHO = socket -> {
        socket.getInputStream().transferTo(socket.getOutputStream());
        socket.close();
    };
    /** Accepts, and then neither reads nor writes. */
    static final Behaviour SILENCE = socket -> {};

    private final ServerSocket server;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    /** Ends as the first connection's behaviour does. */
    final CompletableFuture<Void> done = new CompletableFuture<>();

    Peer(Behaviour behaviour) throws IOException {
        this(new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1")), behaviour);
    }

    Peer(ServerSocket server, Behaviour behaviour) {
        this.server = server;
        start(() -> {
            while (!server.isClosed()) {
                Socket socket = server.accept();
                sockets.add(socket);
                start(() -> behaviour.with(socket), done);
            }
        });
    }

    int port() {
        return server.getLocalPort();
    }

    int accepted() {
        return sockets.size();
    }

    static byte[] read(Socket socket, int length) throws IOException {
        InputStream in = socket.getInputStream();
        return in.readNBytes(length);
    }

    static CompletableFuture<Void> start(Task task) {
        return start(task, new CompletableFuture<>());
    }

    private static CompletableFuture<Void> start(Task task, CompletableFuture<Void> done) {
        Thread thread = new Thread(() -> {
            try {
                task.run();
                done.complete(null);
            } catch (Throwable e) {
                done.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return done;
    }

    interface Task {
        void run() throws Exception;
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
