package io.hawser.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The floor: no client at all, but one thread, a blocking socket, and packets encoded before. With a store, each batch is
 * written to a file first ({@code process}), and forced to the disk ({@code power}).
 */
final class RawContestant implements Contestant {
    private static final int BUFFER_BYTES = 256 * 1024;
    /** Topic and identifier are within that. */
    private static final int HEAD_BYTES = 64;

    private static final int BATCH_BYTES = 64 * 1024;

    private final Course course;
    private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final ByteBuffer batch;
    private final int frameLength;
    private final int frames;
    private int cursor;
    /** The remaining length of the packet looked at last. */
    private int length;

    private @Nullable SocketChannel channel;
    private @Nullable Path directory;
    private @Nullable FileChannel file;

    RawContestant(Course course) {
        this.course = course;
        int qos = course.qos();
        byte[] topic = Course.TOPIC.getBytes(StandardCharsets.US_ASCII);
        int length = 2 + topic.length + (qos > 0 ? 2 : 0) + course.size();
        ByteBuffer header = ByteBuffer.allocate(5).put((byte) (0x30 | qos << 1));
        SinkSource.putVarint(header, length);
        header.flip();
        this.frameLength = header.limit() + length;
        // Each identifier has its place, so that none changes while it is in use.
        this.frames = qos == 0 ? Math.max(1, BATCH_BYTES / frameLength) : window();
        this.batch = ByteBuffer.allocateDirect(Math.multiplyExact(frames, frameLength));
        for (int i = 0; i < frames; i++) {
            batch.put(header.duplicate()).putShort((short) topic.length).put(topic);
            if (qos > 0) {
                batch.putShort((short) (i + 1));
            }
            batch.put(course.payload());
        }
    }

    /** Large messages would make a window of 1,000 a gigabyte of packets. */
    private int window() {
        return Math.min(course.bound(), Math.max(1, (1 << 29) / (course.size() + 64)));
    }

    @Override
    public void connect() throws IOException {
        SocketChannel opened =
                SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), course.port()));
        opened.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel = opened;
        if (course.stores()) {
            Path scratch = Scratch.directory();
            directory = scratch;
            file = FileChannel.open(
                    scratch.resolve("journal"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        }
        byte[] connect = {0x10, 15, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 0, 0, 3, 'r', 'a', 'w'};
        send(out.clear().put(connect).flip());
        receive(4);
    }

    private SocketChannel channel() {
        if (channel == null) {
            throw new IllegalStateException("not connected");
        }
        return channel;
    }

    private void send(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel().write(bytes);
        }
    }

    /** Reads until so many bytes are there. */
    private void receive(int least) throws IOException {
        in.clear();
        while (in.position() < least) {
            read();
        }
    }

    private void read() throws IOException {
        if (channel().read(in) < 0) {
            throw new EOFException("the broker has closed the connection");
        }
    }

    @Override
    public void publish(Gate gate) throws IOException {
        if (course.qos() == 0) {
            while (!gate.isStopped()) {
                writeFrames(frames);
                gate.leaveInTurn(frames);
            }
            return;
        }
        in.clear();
        int underWay = 0;
        while (!gate.isStopped()) {
            int count = Math.min(frames - underWay, frames - cursor);
            writeFrames(count);
            underWay += count;
            if (underWay == frames) {
                int settled = acknowledgements();
                underWay -= settled;
                gate.leaveInTurn(settled);
            }
        }
    }

    @Override
    public void publishOne(Gate gate) throws IOException {
        writeFrames(1);
        in.clear();
        while (course.qos() > 0 && acknowledgements() == 0) {}
        gate.leaveInTurn(1);
    }

    private void writeFrames(int count) throws IOException {
        batch.limit((cursor + count) * frameLength).position(cursor * frameLength);
        if (file != null) {
            while (batch.hasRemaining()) {
                file.write(batch);
            }
            if (course.store().equals("power")) {
                file.force(false);
            }
            batch.position(cursor * frameLength);
        }
        send(batch);
        cursor = cursor + count == frames ? 0 : cursor + count;
    }

    /** Waits for some, answers PUBREC, and tells how many messages are settled. */
    private int acknowledgements() throws IOException {
        read();
        int settled = 0;
        int at = 0;
        out.clear();
        for (; at + 4 <= in.position(); at += 4) {
            int packet = in.getInt(at);
            if (packet >>> 28 == 5) {
                out.putInt(0x6202_0000 | packet & 0xFFFF);
            } else {
                settled++;
            }
        }
        in.limit(in.position()).position(at);
        in.compact();
        send(out.flip());
        return settled;
    }

    @Override
    public void subscribe(String filter, Gate gate) throws IOException {
        byte[] bytes = filter.getBytes(StandardCharsets.US_ASCII);
        out.clear().put((byte) 0x82).put((byte) (5 + bytes.length)).putShort((short) 1);
        send(out.putShort((short) bytes.length)
                .put(bytes)
                .put((byte) course.qos())
                .flip());
        Thread reader = new Thread(() -> receiveAll(gate), "raw");
        reader.setDaemon(true);
        reader.start();
    }

    private void receiveAll(Gate gate) {
        try {
            receive(5);
            in.limit(in.position()).position(5);
            in.compact();
            long skip = 0;
            while (!gate.isStopped()) {
                skip = receiveSome(gate, skip);
            }
        } catch (IOException e) {
            if (!gate.isStopped()) {
                gate.fail(e);
            }
        }
    }

    /** Handles what has been read, then reads. {@code skip} and the result: how much of a payload is still to come. */
    private long receiveSome(Gate gate, long skip) throws IOException {
        int end = in.position();
        int at = (int) Math.min(skip, end);
        long left = skip - at;
        int received = 0;
        out.clear();
        while (left == 0) {
            int body = header(at, end);
            if (body == 0 || end - body < Math.min(length, HEAD_BYTES)) {
                break;
            }
            if (in.get(at) == 0x62) {
                out.putInt(0x7002_0000 | in.getShort(body) & 0xFFFF);
            } else {
                received++;
                answer(body);
            }
            int next = (int) Math.min(end, (long) body + length);
            left = (long) body + length - next;
            at = next;
        }
        gate.leaveInTurn(received);
        send(out.flip());
        in.limit(end).position(at);
        in.compact();
        read();
        return left;
    }

    /** Where the packet's variable header begins, 0 if the length is not there yet; {@link #length} is what follows. */
    private int header(int start, int end) {
        int sum = 0;
        int at = start + 1;
        for (int shift = 0; at < end; shift += 7) {
            int digit = in.get(at++);
            sum |= (digit & 0x7F) << shift;
            if (digit >= 0) {
                length = sum;
                return at;
            }
        }
        return 0;
    }

    private void answer(int body) {
        if (course.qos() > 0) {
            int identifier = in.getShort(body + 2 + in.getShort(body)) & 0xFFFF;
            out.putInt((course.qos() == 1 ? 0x4002_0000 : 0x5002_0000) | identifier);
        }
    }

    @Override
    public void close() throws IOException {
        channel().close();
        if (file != null && directory != null) {
            file.close();
            Scratch.delete(directory);
        }
    }
}
