package io.hawser.benchmarks;

import java.io.IOException;
import java.net.URISyntaxException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.fusesource.hawtbuf.Buffer;
import org.fusesource.hawtbuf.UTF8Buffer;
import org.fusesource.hawtdispatch.Task;
import org.fusesource.mqtt.client.Callback;
import org.fusesource.mqtt.client.CallbackConnection;
import org.fusesource.mqtt.client.ExtendedListener;
import org.fusesource.mqtt.client.MQTT;
import org.fusesource.mqtt.client.QoS;
import org.fusesource.mqtt.client.Topic;
import org.jspecify.annotations.Nullable;

/**
 * The fusesource client with its callbacks, the fastest of its three forms: on its own dispatch queue, or called from a thread of
 * the program, as the other clients are.
 */
final class FusesourceContestant implements Contestant {
    private final Course course;
    private final boolean called;
    private final UTF8Buffer topic = new UTF8Buffer(Course.TOPIC);
    private final Buffer payload;
    private final QoS qos;
    private final CallbackConnection connection;
    private volatile @Nullable Gate receiving;

    FusesourceContestant(Course course, boolean called) throws IOException {
        this.course = course;
        this.called = called;
        this.payload = new Buffer(course.payload());
        this.qos = QoS.values()[course.qos()];
        MQTT options = new MQTT();
        try {
            options.setHost("127.0.0.1", course.port());
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
        options.setVersion("3.1.1");
        options.setReconnectAttemptsMax(0);
        this.connection = options.callbackConnection();
        connection.listener(new Receiver());
    }

    /** Settles a future. */
    private record Settling<T>(CompletableFuture<@Nullable T> future) implements Callback<T> {
        @Override
        public void onSuccess(T value) {
            future.complete(value);
        }

        @Override
        public void onFailure(Throwable cause) {
            future.completeExceptionally(cause);
        }
    }

    private final class Receiver implements ExtendedListener {
        @Override
        public void onConnected() {}

        @Override
        public void onDisconnected() {}

        @Override
        public void onPublish(UTF8Buffer name, Buffer body, Callback<Callback<Void>> ack) {
            count();
            ack.onSuccess(null);
        }

        /** Of the interface's older form, and not called. */
        @Override
        public void onPublish(UTF8Buffer name, Buffer body, Runnable ack) {
            count();
            ack.run();
        }

        private void count() {
            Gate gate = receiving;
            if (gate != null) {
                gate.leaveInTurn(1);
            }
        }

        @Override
        public void onFailure(Throwable cause) {
            Gate gate = receiving;
            if (gate != null && !gate.isStopped()) {
                gate.fail(cause);
            }
        }
    }

    private <T> void onQueue(Consumer<Callback<T>> action) {
        CompletableFuture<@Nullable T> done = new CompletableFuture<>();
        run(() -> action.accept(new Settling<>(done)));
        done.join();
    }

    private void run(Runnable action) {
        connection.getDispatchQueue().execute(new Task() {
            @Override
            public void run() {
                action.run();
            }
        });
    }

    @Override
    public void connect() {
        onQueue(connection::connect);
    }

    @Override
    public void publishOne(Gate gate) {
        Callback<Void> left = leaving(gate, () -> {});
        run(() -> connection.publish(topic, payload, qos, false, left));
    }

    private static Callback<Void> leaving(Gate gate, Runnable then) {
        return new Callback<>() {
            @Override
            public void onSuccess(Void ignored) {
                gate.leaveInTurn(1);
                then.run();
            }

            @Override
            public void onFailure(Throwable cause) {
                if (!gate.isStopped()) {
                    gate.fail(cause);
                }
            }
        };
    }

    @Override
    public void publish(Gate gate) throws Exception {
        if (called) {
            Contestant.super.publish(gate);
            return;
        }
        Pump pump = new Pump(gate);
        run(() -> {
            connection.refiller(pump);
            pump.run();
        });
        gate.awaitStop();
    }

    /** Publishes as long as there is room; at QoS 0, as long as the transport takes it at once. */
    private final class Pump implements Runnable {
        private final Gate gate;
        private final Callback<Void> left;
        private final long least;
        private boolean running;

        Pump(Gate gate) {
            this.gate = gate;
            this.left = leaving(gate, this::left);
            this.least = course.qos() == 0 ? gate.bound() - 1 : 0;
        }

        private void left() {
            if (course.qos() > 0 && gate.isWorthFilling()) {
                run();
            }
        }

        @Override
        public void run() {
            if (running) {
                return;
            }
            running = true;
            while (gate.room() > least && !gate.isStopped()) {
                gate.enterAtOnce(1);
                connection.publish(topic, payload, qos, false, left);
            }
            running = false;
        }
    }

    @Override
    public void subscribe(String filter, Gate gate) {
        receiving = gate;
        this.<byte[]>onQueue(granted -> connection.subscribe(new Topic[] {new Topic(filter, qos)}, granted));
    }

    @Override
    public void close() {
        // kill() would drop what it has called published at QoS 0 and not sent yet.
        onQueue(connection::disconnect);
    }
}
