package io.hawser.client;

import io.hawser.mqtt.Authentication;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.Will;
import io.hawser.session.HoldPolicy;
import io.hawser.session.SessionConfig;
import io.hawser.store.SessionStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a builder held when the client was built.
 *
 * @param asks whether one of the suppliers is the program's, so that it may block
 */
record Options(
        SessionConfig session,
        List<Server> servers,
        Duration timeout,
        Duration closeTimeout,
        Duration unansweredAfter,
        @Nullable SessionStore store,
        Supplier<@Nullable Credentials> credentials,
        @Nullable Supplier<Authentication> authentication,
        Supplier<@Nullable Will> will,
        Supplier<Tls> tls,
        boolean asks,
        @Nullable Consumer<ConnectionEvent> listener,
        @Nullable BiConsumer<String, CompletableFuture<PublishResult>> outcomes,
        Executor executor,
        Map<Subscription, MessageHandler> subscriptions,
        @Nullable MessageHandler defaultHandler,
        FailurePolicy failure,
        int receiveBufferMessages,
        int receiveBufferMegabytes,
        boolean dropQos0) {

    static Options of(MqttBuilder<?, ?> builder) {
        SubscriberBuilder<?> receiving = builder instanceof SubscriberBuilder<?> subscriber ? subscriber : null;
        Executor executor = builder.handlerExecutor;
        return new Options(
                sessionOf(builder),
                builder.servers,
                builder.timeout,
                closeTimeoutOf(builder),
                builder.unansweredAfter,
                builder.store,
                builder.credentials,
                builder.authentication,
                builder.will,
                builder.tls,
                builder.asks,
                builder.listener,
                builder.outcomes,
                executor == null ? HandlerExecutors.SHARED : executor,
                receiving == null || receiving.subscriptions.isEmpty()
                        ? Map.of()
                        : new LinkedHashMap<>(receiving.subscriptions),
                receiving == null ? null : receiving.defaultHandler,
                receiving == null ? FailurePolicy.ONCE : receiving.failure,
                receiving == null ? 1 : receiving.receiveBufferMessages,
                receiving == null ? 1 : receiving.receiveBufferMegabytes,
                receiving == null || receiving.dropQos0);
    }

    /** Whether any server is to be spoken to by TLS, and so any that it may refer to. */
    boolean usesTls() {
        for (Server server : servers) {
            if (server.tls()) {
                return true;
            }
        }
        return false;
    }

    /** What a kept session holds is safe, and need not leave before the client does. */
    private static Duration closeTimeoutOf(MqttBuilder<?, ?> builder) {
        Duration given = builder.closeTimeout;
        if (given != null) {
            return given;
        }
        return builder.store == null ? MqttBuilder.CLOSE_TIMEOUT : Duration.ZERO;
    }

    private static SessionConfig sessionOf(MqttBuilder<?, ?> builder) {
        return new SessionConfig(
                builder.clientId == null ? ClientIds.random() : builder.clientId,
                versionsOf(builder),
                builder.servers,
                builder.store == null,
                builder.sessionExpiry.toSeconds(),
                (int) builder.keepAlive.toSeconds(),
                builder.pingTimeout.toNanos(),
                builder.connectTimeout.toNanos(),
                builder.inflight,
                builder.receiveMaximum,
                unhandledOf(builder),
                builder.maximumPacketSize,
                builder.topicAliasMaximum,
                builder.lenient,
                builder.followServerReference,
                builder.problemInformation,
                builder.userProperties,
                builder.queue,
                builder.reconnect,
                builder.retransmission,
                builder.republishAmbiguous,
                builder.quotaPatience.toNanos(),
                builder.strictOrder,
                builder.subscriptionBatch,
                builder.freshCredentials || builder.freshAuthentication,
                ThreadLocalRandom.current().nextLong());
    }

    private static HoldPolicy unhandledOf(MqttBuilder<?, ?> builder) {
        long mebibyte = 1024L * 1024L;
        if (!(builder instanceof SubscriberBuilder<?> subscriber)) {
            return new HoldPolicy(HoldPolicy.USUAL_GRACE_NANOS, false, mebibyte);
        }
        return new HoldPolicy(
                subscriber.holdUnhandled.equals(SubscriberBuilder.HOLD)
                        ? HoldPolicy.FOREVER
                        : subscriber.holdUnhandled.toNanos(),
                subscriber.refuseUnhandled,
                subscriber.receiveBufferMegabytes * mebibyte);
    }

    /** MQTT 5.0 forbids retransmission, and only it has enhanced authentication, and passwords without a user name. */
    private static List<ProtocolVersion> versionsOf(MqttBuilder<?, ?> builder) {
        List<ProtocolVersion> versions = new ArrayList<>(builder.versions);
        if (builder.retransmission != null) {
            versions.remove(ProtocolVersion.MQTT_5);
        }
        if (builder.authentication != null) {
            versions.retainAll(List.of(ProtocolVersion.MQTT_5));
        }
        if (builder.hasPasswordOnly()) {
            versions.retainAll(List.of(ProtocolVersion.MQTT_5));
        }
        return versions;
    }
}
