package io.hawser.client.loop;

import io.hawser.client.auth.ClientExchange;
import io.hawser.client.delivery.Dispatcher;
import io.hawser.client.transport.EventLoop;
import io.hawser.client.transport.Target;
import io.hawser.client.transport.TlsSettings;
import io.hawser.client.transport.WebSocketSettings;
import io.hawser.mqtt.Authentication;
import io.hawser.mqtt.ConnectionException;
import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.mqtt.Will;
import io.hawser.session.ProfileLimits;
import io.hawser.session.WatchedFuture;
import java.net.URISyntaxException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The preparation of attempts to connect: asks the program's suppliers for will, credentials, authentication, TLS,
 * WebSocket and proxy. Suppliers may block, so they are asked on another thread. A supplier that hangs must not cost a
 * thread for each attempt, so only one question is open at a time: an attempt that begins meanwhile takes its answer,
 * if the question was about the same server. On the event loop.
 */
final class Preparation {
    private final EventLoop loop;
    private final Executor background;
    private final ClientConfig config;
    private final Dispatcher dispatcher;
    /** The question that the program is being asked; null if there is none. */
    private @Nullable Question asked;
    /** The question of the last attempt, which waits for the answer; earlier attempts have been given up. */
    private @Nullable Question latest;

    private record Question(
            NetworkLink attempt, Server given, @Nullable String reference) {
        Server server() {
            return reference == null ? given : given.referring(reference);
        }

        boolean isLike(Question other) {
            return given.equals(other.given)
                    && (reference == null ? other.reference == null : reference.equals(other.reference));
        }
    }

    private record Answer(
            Target target,
            @Nullable Will will,
            @Nullable Credentials credentials,
            @Nullable ClientExchange authentication,
            @Nullable Instant expiresAt) {}

    Preparation(EventLoop loop, Executor background, ClientConfig config, Dispatcher dispatcher) {
        this.loop = loop;
        this.background = background;
        this.config = config;
        this.dispatcher = dispatcher;
    }

    /** Begins to connect as soon as the suppliers have answered. */
    void open(NetworkLink attempt, Server given, @Nullable String reference) {
        Question question = new Question(attempt, given, reference);
        if (config.asks) {
            latest = question;
            if (asked == null) {
                ask(question);
            }
        } else {
            try {
                attempt.connect(loop, use(question, found(question, AttemptMaterial.NONE)));
            } catch (Throwable e) {
                ConnectionException cause = failure(question, e);
                loop.execute(() -> attempt.closed(cause));
            }
        }
    }

    private void ask(Question question) {
        Function<String, CompletionStage<AttemptMaterial>> attempts = config.attempts;
        background.execute(() -> {
            try {
                if (attempts == null) {
                    answer(question, AttemptMaterial.NONE);
                } else {
                    CompletionStage<?> unused = attempts.apply(question.server().toString())
                            .whenCompleteAsync(
                                    (material, failure) -> {
                                        if (failure == null) {
                                            answer(question, material);
                                        } else {
                                            loop.execute(() -> answered(question, null, failure));
                                        }
                                    },
                                    background);
                }
            } catch (Throwable e) {
                loop.execute(() -> answered(question, null, e));
            }
        });
        asked = question;
        if (attempts != null) {
            // A stage that never completes costs no thread, so the next attempt asks anew.
            loop.schedule(
                    () -> answered(question, null, new TimeoutException("no answer within the connect timeout")),
                    config.session.connectTimeoutNanos);
        }
    }

    private void answer(Question question, AttemptMaterial material) {
        try {
            Answer found = found(question, material);
            loop.execute(() -> answered(question, found, null));
        } catch (Throwable e) {
            loop.execute(() -> answered(question, null, e));
        }
    }

    private void answered(Question question, @Nullable Answer answer, @Nullable Throwable failure) {
        if (!question.equals(asked)) {
            return;
        }
        asked = null;
        Question wanted = latest;
        if (wanted == null || wanted.attempt.isLeft()) {
            latest = null;
            return;
        }
        if (!wanted.isLike(question)) {
            ask(wanted);
            return;
        }
        latest = null;
        if (answer == null) {
            wanted.attempt.closed(failure(wanted, failure));
        } else {
            wanted.attempt.connect(loop, use(wanted, answer));
        }
    }

    private static Target use(Question question, Answer answer) {
        question.attempt.greetWith(answer.will, answer.credentials, answer.authentication, answer.expiresAt);
        return answer.target;
    }

    /** Asks the suppliers; on any thread. */
    private Answer found(Question question, AttemptMaterial material) throws Exception {
        Server server = material.server() == null ? question.server() : material.server();
        Supplier<Authentication> authentication = config.authentication;
        Will will = material.will() == null ? config.will.get() : material.will();
        RequestRejectedException beyond = will == null
                ? null
                : ProfileLimits.objectionTo(config.session.broker, will.message(), config.session.versions.get(0));
        if (beyond != null) {
            throw new IllegalArgumentException("the will is beyond a limit: " + beyond.getMessage());
        }
        Credentials credentials = material.credentials() == null ? config.credentials.get() : material.credentials();
        ClientExchange exchange = authentication == null
                ? null
                : ClientExchange.begin(authentication.get(), new WatchedFuture<>(dispatcher));
        boolean elsewhere = material.server() == null && !server.host().equalsIgnoreCase(question.given.host());
        return new Answer(target(server, elsewhere, material), will, credentials, exchange, material.expiresAt());
    }

    /** @param elsewhere whether a broker, and not the program, has named the server's host */
    private Target target(Server server, boolean elsewhere, AttemptMaterial material) throws URISyntaxException {
        long timeoutNanos = config.session.connectTimeoutNanos;
        if (server.isUnix()) {
            return new Target(server.path(), 0, null, timeoutNanos);
        }
        TlsSettings tls = !server.isTls() ? null : material.tls() == null ? config.tls.get() : material.tls();
        WebSocketSettings webSocket = null;
        if (server.isWebSocket()) {
            WebSocketSettings given = material.webSocket();
            WebSocketSettings all =
                    (given == null ? config.webSocket.get() : given).orElse(server.path(), subprotocols());
            webSocket = elsewhere ? all.elsewhere() : all;
        }
        return new Target(
                server.host(),
                server.port(),
                tls,
                webSocket,
                config.proxy.apply(server.forSelector()),
                config.tcp,
                timeoutNanos);
    }

    /** The WebSocket subprotocols to offer [MQTT-6.0.0-3]; old brokers know MQTT 3.1 by a name of its own. */
    private List<String> subprotocols() {
        boolean old = config.session.versions.equals(List.of(ProtocolVersion.MQTT_3_1));
        return old ? List.of("mqtt", "mqttv3.1") : List.of("mqtt");
    }

    private static ConnectionException failure(Question question, @Nullable Throwable cause) {
        return new ConnectionException(
                "cannot prepare to connect to " + (question.reference == null ? question.given : question.reference),
                cause);
    }
}
