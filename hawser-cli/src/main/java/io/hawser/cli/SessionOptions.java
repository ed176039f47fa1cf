package io.hawser.cli;

import io.hawser.client.MqttBuilder;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.Will;
import io.hawser.store.SessionStore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Who connects, and what the broker keeps of it: the options that {@code pub} and {@code sub} share. */
final class SessionOptions {
    /** Brokers of 3.1 and 3.1.1 are not told how long to keep a session; 5.0 reads this as for ever. */
    private static final Duration FOR_EVER = Duration.ofSeconds(PropertyOptions.UNSIGNED_INT);

    @Option(
            names = {"-i", "--id"},
            paramLabel = "ID",
            description = "Client identifier (default: hawser and 16 random characters).")
    @Nullable
    String id;

    @Option(
            names = {"-I", "--id-prefix"},
            paramLabel = "PREFIX",
            description = "Client identifier made of this and the process id.")
    @Nullable
    String idPrefix;

    @Option(
            names = {"-c", "--disable-clean-session"},
            description =
                    "Ask the broker to keep the session: subscriptions, and what arrives at QoS 1 and 2 meanwhile."
                            + " Needs -i.")
    boolean keepSession;

    @Option(
            names = "-x",
            paramLabel = "SECONDS",
            converter = Expiry.class,
            description =
                    "With -c, how long the broker keeps the session (MQTT 5.0): 1 to 4294967294; -1 or 4294967295,"
                            + " for ever (default).")
    @Nullable
    Long sessionExpiry;

    @Mixin
    PropertyOptions properties = new PropertyOptions();

    @Option(
            names = {"-k", "--keepalive"},
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "Longest silence before a PING (default: 60).")
    int keepAlive = 60;

    @Option(
            names = {"-M", "--inflight"},
            paramLabel = "COUNT",
            description =
                    "How many QoS 1 and 2 messages may be unacknowledged at a time (default: 20, as brokers expect)."
                            + " 1 keeps their order even across a lost connection.")
    @Nullable
    Integer inflight;

    @Option(names = "--will-topic", paramLabel = "TOPIC", description = "Topic of the will.")
    @Nullable
    String willTopic;

    @Option(
            names = "--will-payload",
            paramLabel = "TEXT",
            description = "What the broker publishes if this client vanishes (default: an empty message).")
    @Nullable
    String willPayload;

    @Option(
            names = "--will-qos",
            paramLabel = "0|1|2",
            converter = QosLevel.class,
            completionCandidates = Candidates.QosLevels.class,
            description = "QoS of the will (default: 0).")
    @Nullable
    Qos willQos;

    @Option(names = "--will-retain", description = "Let the broker keep the will for later subscribers.")
    boolean willRetain;

    @Option(
            names = {"-d", "--debug"},
            description = "Say on standard error what the connection does.")
    boolean debug;

    @Option(names = "--quiet", description = "Print no errors that happen while running.")
    boolean quiet;

    @Option(names = "--nodelay", hidden = true, description = "Small packets are never held back; for compatibility.")
    boolean noDelay;

    /** @throws IllegalArgumentException if options contradict each other */
    void check(ServerOptions server) {
        checkVersion(server);
        Long expiry = expiry();
        if (expiry != null && keepSession == (expiry == 0)) {
            throw new IllegalArgumentException("A session expiry of " + expiry + " seconds "
                    + (keepSession ? "cannot be used with -c." : "needs -c, which keeps the session."));
        }
        if (keepAlive < 0 || keepAlive > 65_535) {
            throw new IllegalArgumentException("keepAlive (-k) is " + keepAlive + ", must be 0 to 65535 seconds.");
        }
        if (id != null && idPrefix != null) {
            throw new IllegalArgumentException("-i and -I argument cannot be used together.");
        }
        if (keepSession && id == null) {
            throw new IllegalArgumentException("You must provide a client id if you are using the -c option.");
        }
        if (willTopic == null && (willPayload != null || willQos != null || willRetain || properties.has("will"))) {
            throw new IllegalArgumentException("Will payload, QoS, retain or property given, but no will topic given.");
        }
    }

    /** What only MQTT 5.0 can say goes out with 5.0 or not at all. */
    private void checkVersion(ServerOptions server) {
        if (properties.isEmpty() && sessionExpiry == null) {
            return;
        }
        if (server.version != null && server.version != ProtocolVersion.MQTT_5) {
            throw new IllegalArgumentException("-D and -x need MQTT 5.0, and -V asks for " + server.version + ".");
        }
        server.version = ProtocolVersion.MQTT_5;
    }

    private @Nullable Long expiry() {
        return sessionExpiry != null ? sessionExpiry : properties.sessionExpiry();
    }

    /** How long the broker is to keep a kept session. */
    Duration keptFor() {
        Long seconds = expiry();
        return seconds == null ? FOR_EVER : Duration.ofSeconds(seconds);
    }

    /** Gives the builder what these options say. */
    void applyTo(MqttBuilder<?, ?> builder) {
        if (id != null) {
            builder.clientId(id);
        } else if (idPrefix != null) {
            builder.clientId(idPrefix + ProcessHandle.current().pid());
        }
        if (keepSession) {
            builder.session(SessionStore.inMemory(), keptFor());
        }
        builder.keepAlive(Duration.ofSeconds(keepAlive));
        if (inflight != null) {
            builder.sendWindow(inflight);
        }
        if (willTopic != null) {
            byte[] payload = (willPayload == null ? "" : willPayload).getBytes(StandardCharsets.UTF_8);
            Qos qos = willQos == null ? Qos.AT_MOST_ONCE : willQos;
            builder.will(properties.on(
                    Will.of(Message.of(willTopic, payload).qos(qos).retain(willRetain))));
        }
        properties.applyTo(builder);
    }

    /** Seconds, or one of the names for ever. */
    static final class Expiry implements ITypeConverter<Long> {
        @Override
        public Long convert(String value) {
            if (value.equals("-1") || value.equals("\u221e")) {
                return PropertyOptions.UNSIGNED_INT;
            }
            long seconds = value.matches("[0-9]{1,10}") ? Long.parseLong(value) : -1;
            if (seconds < 0 || seconds > PropertyOptions.UNSIGNED_INT) {
                throw new TypeConversionException("Invalid session-expiry-interval '" + value + "', must be 0 to "
                        + PropertyOptions.UNSIGNED_INT + ", or -1 for ever.");
            }
            return seconds;
        }
    }

    /** 0, 1 or 2. */
    static final class QosLevel implements ITypeConverter<Qos> {
        @Override
        public Qos convert(String value) {
            return switch (value) {
                case "0" -> Qos.AT_MOST_ONCE;
                case "1" -> Qos.AT_LEAST_ONCE;
                case "2" -> Qos.EXACTLY_ONCE;
                default -> throw new TypeConversionException("Invalid QoS given: " + value);
            };
        }
    }
}
