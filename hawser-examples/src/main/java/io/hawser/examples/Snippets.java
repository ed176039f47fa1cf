package io.hawser.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import io.hawser.bridge.BridgeRule;
import io.hawser.bridge.MqttBridge;
import io.hawser.client.Delivery;
import io.hawser.client.FailurePolicy;
import io.hawser.client.MqttBuilder.Attempt;
import io.hawser.client.MqttClient;
import io.hawser.client.MqttPublisher;
import io.hawser.client.MqttSubscriber;
import io.hawser.client.Proxy;
import io.hawser.client.Tls;
import io.hawser.client.WebSocket;
import io.hawser.mqtt.Authentication;
import io.hawser.mqtt.BrokerProfile;
import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.QueuePolicy;
import io.hawser.mqtt.ReconnectPolicy;
import io.hawser.mqtt.ReconnectPolicy.Servers;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.Will;
import io.hawser.store.SessionStore;
import io.hawser.store.SessionStore.Durability;
import io.hawser.store.file.FileSessionStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The examples of the pages, as they stand there; run as tests. */
public final class Snippets {
    private Snippets() {}

    /** Both profiles in one, and the blocking forms. */
    public static void hello(String broker, Consumer<String> out) {
        try (var client = MqttClient.connect(broker)) {
            client.subscribe("meters/+/temp", delivery -> out.accept(delivery.topic() + " " + delivery.text()));
            client.publish(Message.of("meters/7/temp", "21.5")); // returns when the broker has acknowledged
        }
    }

    /** A broker whose limits are known and kept. */
    public static MqttClient limited() {
        var client = MqttClient.builder("mqtts://abc-ats.iot.eu-west-1.amazonaws.com")
                .broker(BrokerProfile.AWS_IOT.publishesPerSecond(50))
                .build();
        return client;
    }

    /** Several servers, of which the first is best. */
    public static MqttClient ordered(String... servers) {
        var client = MqttClient.builder(servers)
                .reconnect(ReconnectPolicy.exponential(ofSeconds(1), ofMinutes(2))
                        .servers(Servers.inOrder().preferringFirst().resting(ofMinutes(1))))
                .build();
        return client;
    }

    /** A token from a service that answers later, renewed before it expires. */
    public static MqttClient renewing(String broker, Supplier<CompletionStage<String>> tokens) {
        var client = MqttClient.builder(broker)
                .attempts(server -> tokens.get()
                        .thenApply(token -> Attempt.standard()
                                .credentials(Credentials.of("device", token))
                                .expiresAt(expiry(token))))
                .build();
        return client;
    }

    /** The time at which a JSON Web Token expires: its claim {@code exp} (RFC 7519, 4.1.4). */
    public static Instant expiry(String token) {
        String claims = new String(Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]), UTF_8);
        Matcher exp = Pattern.compile("\"exp\"\\s*:\\s*(\\d+)").matcher(claims);
        if (!exp.find()) {
            throw new IllegalArgumentException("the token has no claim exp");
        }
        return Instant.ofEpochSecond(Long.parseLong(exp.group(1)));
    }

    /** A WebSocket whose path is signed and whose token is renewed for each attempt to connect. */
    public static MqttClient signed(String broker, Supplier<String> signature, Supplier<String> token) {
        var client = MqttClient.builder(broker)
                .webSocket(() -> WebSocket.standard()
                        .withPath("/mqtt?signature=" + signature.get())
                        .withHeader("Authorization", "Bearer " + token.get()))
                .build();
        return client;
    }

    /** With a certificate of its own, at a broker that speaks MQTT on the port of the web. */
    public static MqttClient identified(String broker, Path authority, Path certificate, Path key) {
        return MqttClient.builder(broker)
                .tls(Tls.trusting(authority).identifiedBy(certificate, key).applicationProtocols("x-amzn-mqtt-ca"))
                .build();
    }

    /** From an office whose only way out is a proxy. */
    public static MqttClient proxied(String broker, String host, int port, String user, String password) {
        var client = MqttClient.builder(broker)
                .proxy(Proxy.http(host, port).withCredentials(user, password))
                .build();
        return client;
    }

    /** A device: accepts readings whether the broker can be reached or not. */
    @SuppressWarnings("FutureReturnValueIgnored") // the client keeps trying, and its listener hears how it goes
    public static MqttPublisher device(String broker, String backup, Path directory) {
        var meter = MqttPublisher.builder(broker, backup)
                .clientId("meter-7")
                .session(FileSessionStore.at(directory), Duration.ofDays(7))
                .queue(QueuePolicy.bounded(100_000).megabytes(64).dropOldest())
                .reconnect(
                        ReconnectPolicy.exponential(ofSeconds(1), ofMinutes(2)).evenIfRefused())
                .will(Will.of(Message.of("meters/7/status", "offline").retain(true)))
                .build();
        meter.connectAsync(); // keeps trying
        meter.enqueue(Message.of("meters/7/temp", "21.5")); // returns when it is safe in the session store
        return meter;
    }

    /** A client whose events a logger of the program's own gets, each at its level. */
    public static MqttClient logged(String broker) {
        return MqttClient.builder(broker)
                .onEvent(event -> System.getLogger("mqtt").log(event.level(), event))
                .build();
    }

    /** A publisher that hears, perhaps in a later process, what became of each message. */
    @SuppressWarnings(
            "FutureReturnValueIgnored") // the client keeps trying; what the outcome's future calls is all there is
    public static MqttPublisher biller(String broker, Path directory, BiConsumer<String, String> ledger) {
        var biller = MqttPublisher.builder(broker)
                .clientId("biller")
                .session(FileSessionStore.at(directory).durability(Durability.POWER), Duration.ofDays(7))
                .onOutcome((key, outcome) -> outcome.whenComplete(
                        (result, failure) -> ledger.accept(key, failure == null ? "delivered" : failure.getMessage())))
                .build();
        biller.connectAsync();
        biller.enqueue(Message.of("bills/7", "42.00").qos(Qos.EXACTLY_ONCE), "bill 2026-11-7"); // survives a power cut
        return biller;
    }

    /** A service: handlers are there before the first message of a resumed session. */
    public static MqttSubscriber service(String broker, Consumer<Delivery> alarm) {
        return MqttSubscriber.builder(broker)
                .clientId("alarms")
                .session(SessionStore.inMemory(), Duration.ofDays(1))
                .subscription("alarms/#", alarm::accept)
                .onHandlerFailure(FailurePolicy.attempts(3).backoff(ofSeconds(1)))
                .onEvent(event -> System.out.println(event))
                .build();
    }

    /** A worker that takes messages one by one. */
    public static void worker(MqttSubscriber subscriber, Consumer<String> work) {
        try (var jobs = subscriber.stream(Subscription.to("jobs/#").qos(Qos.EXACTLY_ONCE))) {
            for (Delivery job : jobs) {
                work.accept(job.text());
                job.ack();
            }
        }
    }

    /** One asks, another answers. */
    public static void question(String broker, Consumer<String> out) {
        try (var sensor = MqttClient.connect(broker);
                var client = MqttClient.connect(broker)) {
            sensor.respond("rooms/+/temp", request -> Message.of(request.topic(), "21.5"));
            Message reply = client.request(Message.of("rooms/7/temp", "now?"), ofSeconds(5));
            out.accept(reply.text());
        }
    }

    /** What a refusal tells. */
    public static String refusal(MqttClient client, String filter) {
        try {
            client.subscribe(filter, delivery -> {});
            return "granted";
        } catch (RequestRejectedException e) {
            return e.filter() + " refused: " + e.reasonCode() + " " + e.reasonString();
        }
    }

    /** A client that proves who it is, has the broker prove it too, and does so again when asked. */
    public static void scram(String broker, String password) {
        var client = MqttClient.builder(broker)
                .scramSha256(Credentials.of("meter-7", password))
                .build();
        try (client) {
            client.connect();
            client.reauthenticate(); // messages go on meanwhile
        }
    }

    /** A token that the broker takes as it is: one step, and nothing to verify. */
    public record TokenAuthentication(String token) implements Authentication {
        @Override
        public String method() {
            return "TOKEN";
        }

        @Override
        public byte[] begin() {
            return token.getBytes(UTF_8);
        }

        @Override
        public byte[] challenge(byte[] data) {
            throw new IllegalStateException("the broker asks for more than the token");
        }

        @Override
        public void complete(byte[] data) {}

        @Override
        public String toString() {
            return "TokenAuthentication";
        }
    }

    /** A client with a token of its own for every connection. */
    public static MqttClient token(String broker, Supplier<String> tokens) {
        return MqttClient.builder(broker)
                .authentication(() -> new TokenAuthentication(tokens.get()))
                .build();
    }

    public static MqttBridge bridge(String local, String remote, Path directory) {
        return MqttBridge.between(MqttClient.builder(local), MqttClient.builder(remote))
                .clientId("plant-7")
                .rule(BridgeRule.out("meters/#").prefixes("", "plant-7/").qos(Qos.AT_LEAST_ONCE))
                .rule(BridgeRule.in("commands/#").prefixes("", "plant-7/"))
                .store(directory)
                .start();
    }
}
