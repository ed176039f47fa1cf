package io.hawser.e2e;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A broker of MQTT 5.0 that answers properly until its script does its worst. Each connection has a thread of its own. */
final class WorstBroker implements AutoCloseable {
    /** What the broker does with a packet. */
    interface Script {
        /** Sees the first byte of a packet and what follows its remaining length; returns whether it wants no usual answer. */
        boolean on(Peer peer, int first, byte[] body) throws Exception;
    }

    /** Small, so that a client that is not read from is blocked soon. */
    private static final int RECEIVE_BUFFER = 16 * 1024;

    private final ServerSocket listener;
    private final Script script;
    final AtomicInteger connections = new AtomicInteger();

    WorstBroker(@Nullable SSLContext tls, Script script) throws IOException {
        ServerSocketFactory factory = tls == null ? ServerSocketFactory.getDefault() : tls.getServerSocketFactory();
        listener = factory.createServerSocket();
        listener.setReceiveBufferSize(RECEIVE_BUFFER);
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        this.script = script;
        start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }

    /** What a thread of the broker does. */
    interface Task {
        void run() throws Exception;
    }

    static void start(Task task) {
        Thread thread = new Thread(() -> {
            try {
                task.run();
            } catch (Exception ended) {
                // The peer or the test has gone.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() throws IOException {
        while (true) {
            Peer peer = new Peer(listener.accept());
            connections.incrementAndGet();
            start(peer::serve);
        }
    }

    final class Peer {
        private final Socket socket;
        private final OutputStream out;
        /** Bytes of packets that were sent to the client, and that have come from it. */
        final AtomicLong sent = new AtomicLong();

        final AtomicLong received = new AtomicLong();
        private final CountDownLatch readOn = new CountDownLatch(1);
        /** Fair, so that answers come between the packets of a flood. */
        private final ReentrantLock sending = new ReentrantLock(true);

        private final AtomicBoolean flooding = new AtomicBoolean();

        Peer(Socket socket) throws IOException {
            this.socket = socket;
            out = socket.getOutputStream();
        }

        void send(int... bytes) throws IOException {
            byte[] packet = new byte[bytes.length];
            for (int i = 0; i < bytes.length; i++) {
                packet[i] = (byte) bytes[i];
            }
            send(packet);
        }

        void send(byte[] packet) throws IOException {
            sending.lock();
            try {
                out.write(packet);
                sent.addAndGet(packet.length);
            } finally {
                sending.unlock();
            }
        }

        /** Whether a flood may begin, which it may once. */
        boolean floods() {
            return flooding.compareAndSet(false, true);
        }

        /** Reads nothing more until {@link #readAgain}. */
        void stopReading() throws InterruptedException {
            readOn.await();
        }

        void readAgain() {
            readOn.countDown();
        }

        private void serve() throws Exception {
            try (socket) {
                read();
            }
        }

        private void read() throws Exception {
            DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            for (int first = in.read(); first >= 0; first = in.read()) {
                int length = 0;
                int shift = 0;
                int next;
                do {
                    next = in.readUnsignedByte();
                    length |= (next & 127) << shift;
                    shift += 7;
                } while (next > 127);
                byte[] body = in.readNBytes(length);
                received.addAndGet(1 + shift / 7 + body.length);
                if (!script.on(this, first, body)) {
                    usual(first, body);
                }
            }
        }

        void usual(int first, byte[] body) throws IOException {
            int type = first >> 4;
            switch (type) {
                case 1 -> send(0x20, 3, 0, 0, 0);
                case 3 -> {
                    int topic = 2 + (body[0] << 8 | body[1] & 255);
                    int qos = first >> 1 & 3;
                    if (qos > 0) {
                        send(qos == 1 ? 0x40 : 0x50, 2, body[topic], body[topic + 1]);
                    }
                }
                case 6 -> send(0x70, 2, body[0], body[1]);
                case 8, 10 -> answer(type == 8 ? 0x90 : 0xb0, body, type == 8 ? 1 : 0);
                case 12 -> send(0xd0, 0);
                default -> {
                    // Acknowledgements and DISCONNECT want no answer.
                }
            }
        }

        private void answer(int first, byte[] body, int optionsByte) throws IOException {
            int filters = 0;
            for (int i = 3 + body[2]; i < body.length; filters++) {
                i += 2 + (body[i] << 8 | body[i + 1] & 255) + optionsByte;
            }
            int[] packet = new int[5 + filters];
            packet[0] = first;
            packet[1] = packet.length - 2;
            packet[2] = body[0];
            packet[3] = body[1];
            send(packet);
        }
    }
}
