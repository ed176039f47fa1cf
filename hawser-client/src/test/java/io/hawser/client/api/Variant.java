package io.hawser.client.api;

import io.hawser.client.ClientBuilder;
import io.hawser.client.MessageHandler;
import io.hawser.client.MqttBuilder;
import io.hawser.client.MqttClient;
import io.hawser.client.MqttEndpoint;
import io.hawser.client.MqttPublisher;
import io.hawser.client.MqttSubscriber;
import io.hawser.mqtt.ConnectResult;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.ReconnectPolicy;
import io.hawser.mqtt.SubscribeResult;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One of the ways to use the API: a protocol version, and the blocking or the asynchronous forms. */
record Variant(ProtocolVersion version, boolean blocking) {
    private static final int SECONDS = 20;

    static {
        // Each test waits a few times for what takes a millisecond.
        Awaitility.setDefaultPollDelay(Duration.ZERO);
        Awaitility.setDefaultPollInterval(Duration.ofMillis(2));
        Awaitility.setDefaultTimeout(Duration.ofSeconds(SECONDS));
    }

    /** Runs a test once for each variant. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.hawser.client.api.Variant#all")
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.METHOD)
    @interface Each {}

    static Stream<Variant> all() {
        return Stream.of(ProtocolVersion.values())
                .flatMap(version -> Stream.of(new Variant(version, true), new Variant(version, false)));
    }

    /** Those of MQTT 3.x, where a message cannot be refused to the broker. */
    static Stream<Variant> before50() {
        return all().filter(variant -> variant.version() != ProtocolVersion.MQTT_5);
    }

    /** Of a client that wants to try again soon. */
    static ClientBuilder<MqttClient> hasty(String... servers) {
        return hasty(MqttClient.builder(servers));
    }

    static <B extends MqttBuilder<?, B>> B hasty(B builder) {
        return builder.reconnect(ReconnectPolicy.exponential(Duration.ofMillis(1), Duration.ofMillis(20)))
                .timeout(Duration.ofSeconds(SECONDS));
    }

    ClientBuilder<MqttClient> client(String... servers) {
        return hasty(servers).version(version);
    }

    ConnectResult connect(MqttEndpoint client) {
        return blocking ? client.connect() : outcome(client.connectAsync());
    }

    PublishResult publish(MqttPublisher client, Message message) {
        return blocking ? client.publish(message) : outcome(client.publishAsync(message));
    }

    void enqueue(MqttPublisher client, Message message) {
        if (blocking) {
            client.enqueue(message);
        } else {
            outcome(client.enqueueAsync(message));
        }
    }

    void flush(MqttPublisher client) {
        if (blocking) {
            client.flush();
        } else {
            outcome(client.flushAsync());
        }
    }

    SubscribeResult subscribe(MqttSubscriber client, String filter, MessageHandler handler) {
        return subscribe(client, Subscription.to(filter), handler);
    }

    SubscribeResult subscribe(MqttSubscriber client, Subscription subscription, MessageHandler handler) {
        return blocking
                ? client.subscribe(subscription, handler)
                : outcome(client.subscribeAsync(subscription, handler));
    }

    void unsubscribe(MqttSubscriber client, String filter) {
        if (blocking) {
            client.unsubscribe(filter);
        } else {
            outcome(client.unsubscribeAsync(TopicFilter.of(filter)));
        }
    }

    void close(MqttEndpoint client) {
        if (blocking) {
            client.close();
        } else {
            outcome(client.closeAsync());
        }
    }

    /** What a future comes to, within a bound; what it failed with is thrown as it is. */
    static <T> T outcome(CompletableFuture<T> future) {
        try {
            return future.get(SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new AssertionError(e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("not settled", e);
        }
    }

    @Override
    public String toString() {
        return version + (blocking ? " blocking" : " async");
    }
}
