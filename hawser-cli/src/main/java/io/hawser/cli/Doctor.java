package io.hawser.cli;

import io.hawser.cli.Diagnosis.Visit;
import io.hawser.client.ClientBuilder;
import io.hawser.client.MqttClient;
import io.hawser.client.MqttEndpoint;
import io.hawser.mqtt.ConnectResult;
import io.hawser.mqtt.ConnectResult.Negotiated;
import io.hawser.mqtt.ConnectionException;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReconnectPolicy;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.store.SessionStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Examines a broker, one version after the other. */
final class Doctor {
    private static final Duration FOR_EVER = Duration.ofSeconds(PropertyOptions.UNSIGNED_INT);

    private final ServerOptions server;
    private final SessionOptions session;
    private final int timeoutSeconds;

    Doctor(ServerOptions server, SessionOptions session, int timeoutSeconds) {
        this.server = server;
        this.session = session;
        this.timeoutSeconds = timeoutSeconds;
    }

    Diagnosis examine() {
        List<Visit> visits = new ArrayList<>();
        for (ProtocolVersion version :
                List.of(ProtocolVersion.MQTT_5, ProtocolVersion.MQTT_3_1_1, ProtocolVersion.MQTT_3_1)) {
            if (server.version == null || server.version == version) {
                visits.add(visit(version));
            }
        }
        return new Diagnosis(server.shown(), visits);
    }

    private Visit visit(ProtocolVersion version) {
        try {
            ConnectResult result;
            try (MqttClient client = builder(version).build()) {
                result = connect(client);
            }
            List<String> quirks = new ArrayList<>();
            if (result.version() != version) {
                quirks.add("asked for alone, it was answered with " + result.version());
            }
            Negotiated granted = result.negotiated();
            Map<String, String> findings =
                    new Trials(() -> connected(version), granted, version, timeoutSeconds, quirks).all();
            findings.putAll(new RawTrials(server, granted, version, timeoutSeconds, quirks).all());
            String assigned = version == ProtocolVersion.MQTT_3_1 ? null : assignedId(version, quirks);
            Duration expiry = version == ProtocolVersion.MQTT_5 ? longestExpiry(quirks) : null;
            return new Visit(version, "", granted, assigned, expiry, findings, quirks);
        } catch (MqttException e) {
            return Visit.refused(version, reason(e));
        }
    }

    private MqttClient connected(ProtocolVersion version) {
        MqttClient client = builder(version).build();
        try {
            ConnectResult unused = connect(client);
            return client;
        } catch (MqttException e) {
            client.close();
            throw e;
        }
    }

    /** What the broker calls a client that has no name; null if it does not want such. */
    private @Nullable String assignedId(ProtocolVersion version, List<String> quirks) {
        try (MqttClient nameless = builder(version).clientId("").build()) {
            String id = connect(nameless).clientId();
            if (version == ProtocolVersion.MQTT_5 && id.isEmpty()) {
                quirks.add("an empty client identifier is accepted, and the assigned one not told [MQTT-3.2.2-16]");
            }
            return id;
        } catch (MqttException e) {
            quirks.add("an empty client identifier is refused: " + reason(e));
            return null;
        }
    }

    /** What a session gets that wants to be kept for ever; it is ended by a clean one. */
    private @Nullable Duration longestExpiry(List<String> quirks) {
        ClientBuilder<MqttClient> builder = builder(ProtocolVersion.MQTT_5);
        if (session.id == null) {
            builder.clientId(
                    "hawser-doctor-" + Long.toString(ThreadLocalRandom.current().nextLong(1L << 40), 36));
        }
        String id;
        Duration granted;
        try (MqttClient keeping =
                builder.session(SessionStore.inMemory(), FOR_EVER).build()) {
            id = keeping.clientId();
            granted = connect(keeping).negotiated().sessionExpiry();
        } catch (MqttException e) {
            quirks.add("a kept session is refused: " + reason(e));
            return null;
        }
        try (MqttClient ending = builder(ProtocolVersion.MQTT_5).clientId(id).build()) {
            connect(ending);
        } catch (MqttException e) {
            quirks.add("a clean session is refused after a kept one: " + reason(e));
        }
        return granted;
    }

    private ClientBuilder<MqttClient> builder(ProtocolVersion version) {
        ClientBuilder<MqttClient> builder = MqttClient.builder(server.server());
        server.applyTo(builder);
        session.applyTo(builder);
        return builder.version(version)
                .timeout(Duration.ofSeconds(timeoutSeconds))
                .connectTimeout(Duration.ofSeconds(timeoutSeconds))
                .reconnect(ReconnectPolicy.never());
    }

    /** One attempt, and why it failed if it did. */
    private ConnectResult connect(MqttEndpoint client) {
        CompletableFuture<ConnectResult> connected =
                client.connectAsync().orTimeout(2L * timeoutSeconds, TimeUnit.SECONDS);
        try {
            return connected.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof MqttException cause) {
                throw cause;
            }
            throw new ConnectionException("no answer within " + 2 * timeoutSeconds + " s", e.getCause());
        }
    }

    /** The root of a chain of causes tells most. */
    static String reason(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof RequestRejectedException rejected) {
                String words = rejected.reasonString();
                return rejected.reasonCode() + (words.isEmpty() ? "" : " (" + words + ")");
            }
            if (t.getCause() == null) {
                return String.valueOf(t.getMessage());
            }
        }
        return "";
    }
}
