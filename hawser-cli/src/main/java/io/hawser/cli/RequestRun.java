package io.hawser.cli;

import io.hawser.client.ClientBuilder;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.ConnectResult;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.OperationTimeoutException;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One run of {@code hawser request}, from the connection to the exit code. */
final class RequestRun {
    private final ServerOptions server;
    private final SessionOptions session;

    RequestRun(ServerOptions server, SessionOptions session) {
        this.server = server;
        this.session = session;
    }

    int ask(Message request, Duration timeout, MessageFormat format, OutputStream out) {
        long start = System.nanoTime();
        ConnectionWatch watch = new ConnectionWatch(session);
        ClientBuilder<MqttClient> builder = MqttClient.builder(server.server());
        server.applyTo(builder);
        session.applyTo(builder);
        MqttClient client = builder.onEvent(watch).build();
        CompletableFuture<ConnectResult> connected = watch.connect(client);
        CompletableFuture<Message> reply = connected
                .thenCompose(result -> client.requestAsync(request, timeout))
                .orTimeout(timeout.toNanos() - (System.nanoTime() - start), TimeUnit.NANOSECONDS);
        watch.onClosed(reply::completeExceptionally);
        int patience = 1;
        try {
            ByteSink line = new ByteSink();
            format.write(new Received(reply.join(), false, ZonedDateTime.now(ZoneId.systemDefault())), line);
            patience = 5;
            return print(line, out);
        } catch (CompletionException e) {
            return connected.isCompletedExceptionally() ? Failure.ofConnect(e).report(session.quiet) : failed(e);
        } finally {
            client.closeAsync()
                    .completeOnTimeout(null, patience, TimeUnit.SECONDS)
                    .join();
        }
    }

    private int print(ByteSink line, OutputStream out) {
        try {
            line.writeTo(out);
            out.flush();
            return 0;
        } catch (IOException e) {
            return Failure.ofOutput(e).report(session.quiet);
        }
    }

    private int failed(CompletionException e) {
        if (!(e.getCause() instanceof OperationTimeoutException) && !(e.getCause() instanceof TimeoutException)) {
            return Failure.of(e).report(session.quiet);
        }
        return new Failure(Failure.TIMED_OUT, "Timed out").report(session.quiet);
    }
}
