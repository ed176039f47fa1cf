package io.hawser.cli;

import io.hawser.client.MqttClient;
import io.hawser.client.SubscriberBuilder;
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

/** One run of {@code hawser request}, from the connection to the exit code. */
final class RequestRun {
    private final ServerOptions server;
    private final SessionOptions session;

    RequestRun(ServerOptions server, SessionOptions session) {
        this.server = server;
        this.session = session;
    }

    int ask(Message request, Duration timeout, MessageFormat format, OutputStream out) throws IOException {
        ConnectionWatch watch = new ConnectionWatch(session.debug);
        SubscriberBuilder<MqttClient> builder = MqttClient.builder(server.server());
        server.applyTo(builder);
        session.applyTo(builder);
        MqttClient client = builder.listener(watch).build();
        try {
            watch.connect(client).join();
        } catch (CompletionException e) {
            CompletableFuture<Void> unused = client.closeAsync();
            return Failure.ofConnect(e).report(session.quiet);
        }
        CompletableFuture<Message> reply = client.requestAsync(request, timeout);
        watch.onClosed(reply::completeExceptionally);
        try {
            ByteSink line = new ByteSink();
            format.write(new Received(reply.join(), false, ZonedDateTime.now(ZoneId.systemDefault())), line);
            line.writeTo(out);
            out.flush();
            return 0;
        } catch (CompletionException e) {
            return failed(e);
        } finally {
            client.closeAsync().completeOnTimeout(null, 5, TimeUnit.SECONDS).join();
        }
    }

    private int failed(CompletionException e) {
        if (!(e.getCause() instanceof OperationTimeoutException)) {
            return Failure.of(e).report(session.quiet);
        }
        return new Failure(Failure.TIMED_OUT, "Timed out").report(session.quiet);
    }
}
