package io.hawser.client.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Remembers what a connection told, and checks that it keeps to the rules of {@link ConnectionHandler}. */
class Recorder implements ConnectionHandler {
    final EventLoop loop;
    final CompletableFuture<Connection> opened = new CompletableFuture<>();
    final CompletableFuture<Optional<Throwable>> closed = new CompletableFuture<>();

    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private final List<ByteBuffer> written = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private long count;
    private int completeReads;

    Recorder(EventLoop loop) {
        this.loop = loop;
    }

    @Override
    public synchronized void opened(Connection connection) {
        check("opened");
        if (opened.isDone()) {
            violations.add("opened twice");
        }
        opened.complete(connection);
    }

    @Override
    public synchronized void received(ByteBuffer bytes) {
        check("received");
        if (!opened.isDone()) {
            violations.add("received before opened");
        }
        count += bytes.remaining();
        if (count < 1 << 20) {
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            received.writeBytes(copy);
        }
    }

    @Override
    public synchronized void receivedAll() {
        check("receivedAll");
        completeReads++;
    }

    @Override
    public synchronized void written(ByteBuffer bytes) {
        if (!loop.inEventLoop()) {
            violations.add("written on " + Thread.currentThread());
        }
        written.add(bytes);
    }

    @Override
    public synchronized void closed(Throwable cause) {
        check("closed");
        closed.complete(Optional.ofNullable(cause));
    }

    private void check(String call) {
        if (!loop.inEventLoop()) {
            violations.add(call + " on " + Thread.currentThread());
        }
        if (closed.isDone()) {
            violations.add(call + " after closed");
        }
    }

    synchronized String text() {
        return received.toString(StandardCharsets.UTF_8);
    }

    synchronized long count() {
        return count;
    }

    synchronized int completeReads() {
        return completeReads;
    }

    synchronized List<ByteBuffer> written() {
        return new ArrayList<>(written);
    }

    synchronized void assertRulesKept() {
        assertThat(violations).isEmpty();
    }

    Connection awaitOpened() throws Exception {
        CompletableFuture.anyOf(opened, closed).get(10, TimeUnit.SECONDS);
        if (!opened.isDone()) {
            throw new AssertionError("not opened", closed.join().orElse(null));
        }
        return opened.join();
    }

    /** Waits for the end and for whatever might wrongly follow it in the same turn of the loop. */
    Optional<Throwable> awaitClosed() throws Exception {
        Optional<Throwable> cause = closed.get(10, TimeUnit.SECONDS);
        turn();
        assertRulesKept();
        return cause;
    }

    String awaitFailure() throws Exception {
        return awaitClosed().orElseThrow().getMessage();
    }

    void awaitText(String expected) {
        await().untilAsserted(() -> assertThat(text()).isEqualTo(expected));
    }

    void awaitCount(long expected) {
        await().atMost(30, TimeUnit.SECONDS)
                .untilAsserted(() -> assertThat(count()).isEqualTo(expected));
    }

    /** Does something with the open connection, on its loop. */
    void with(Consumer<Connection> action) throws Exception {
        Connection connection = awaitOpened();
        CompletableFuture.runAsync(() -> action.accept(connection), loop).get(10, TimeUnit.SECONDS);
    }

    void write(String text) throws Exception {
        with(connection -> connection.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), true));
    }

    /** Returns when the loop has done all that it had to do by now. */
    void turn() throws Exception {
        CompletableFuture.runAsync(() -> {}, loop).get(10, TimeUnit.SECONDS);
    }
}
