package io.hawser.cli;

import io.hawser.client.Delivery;
import io.hawser.mqtt.Qos;
import java.io.IOException;
import java.io.OutputStream;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Prints deliveries and acknowledges them once they are out: what a killed process has not printed comes again. One thread
 * writes while handlers fill the next buffer, so that one message leaves at once and many leave together.
 */
final class DeliveryWriter implements AutoCloseable {
    private static final int HIGH_WATER = 1 << 20;

    private final OutputStream out;
    private final MessageFormat format;
    private final ZoneId zone = ZoneId.systemDefault();
    private final CompletableFuture<IOException> failed = new CompletableFuture<>();
    private final Thread thread = new Thread(this::run, "output");

    private ByteSink filling = new ByteSink();
    private ByteSink leaving = new ByteSink();
    private List<Delivery> printed = new ArrayList<>();
    private List<Delivery> acknowledging = new ArrayList<>();
    private boolean closing;

    DeliveryWriter(OutputStream out, MessageFormat format) {
        this.out = out;
        this.format = format;
        thread.setDaemon(true);
    }

    DeliveryWriter start() {
        thread.start();
        return this;
    }

    /** Runs {@code action} when the output takes no more. */
    void onFailure(Runnable action) {
        CompletableFuture<Void> unused = failed.thenRun(action);
    }

    /** Why the output takes no more, or null. */
    @Nullable
    IOException failure() {
        return failed.getNow(null);
    }

    /** Waits while more than 1 MiB has not left yet. */
    synchronized void write(Delivery delivery) throws InterruptedException {
        while (filling.size() > HIGH_WATER && !closing) {
            wait();
        }
        format.write(
                new Received(delivery.message(), delivery.duplicate(), delivery.packetId(), ZonedDateTime.now(zone)),
                filling);
        if (delivery.qos() != Qos.AT_MOST_ONCE) {
            printed.add(delivery.defer());
        }
        notifyAll();
    }

    private void run() {
        try {
            while (swapped()) {
                leaving.writeTo(out);
                out.flush();
                acknowledging.forEach(Delivery::ack);
            }
        } catch (IOException e) {
            fail(e);
        } catch (RuntimeException e) {
            fail(new IOException(e.toString(), e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void fail(IOException cause) {
        synchronized (this) {
            closing = true;
            notifyAll();
        }
        failed.complete(cause);
    }

    /** Waits for something to print; false at the end. */
    private synchronized boolean swapped() throws InterruptedException {
        while (filling.size() == 0 && printed.isEmpty()) {
            if (closing) {
                return false;
            }
            wait();
        }
        ByteSink empty = leaving;
        leaving = filling;
        filling = empty;
        filling.clear();
        List<Delivery> none = acknowledging;
        acknowledging = printed;
        printed = none;
        printed.clear();
        notifyAll();
        return true;
    }

    /** Returns when everything has left, or the output has failed. */
    @Override
    public void close() {
        close(0);
    }

    /** The same, but waits so long at most; 0 stands for ever. */
    void close(long millis) {
        synchronized (this) {
            closing = true;
            notifyAll();
        }
        try {
            thread.join(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
