package io.hawser.cli;

import io.hawser.bridge.BridgeRule;
import io.hawser.bridge.MqttBridge;
import io.hawser.client.ClientBuilder;
import io.hawser.client.MqttClient;
import io.hawser.client.Proxy;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReconnectPolicy;
import io.hawser.store.SessionStore.Durability;
import io.hawser.text.Utf8;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** {@code hawser bridge}: passes messages on from broker to broker. */
@Command(
        name = "bridge",
        sortOptions = false,
        description = {
            "Pass messages on between two brokers, until a signal ends it.",
            "",
            "A RULE is a line of Mosquitto's configuration: pattern [out|in|both [qos [local-prefix [remote-prefix]]]]. The first rule"
                    + " that is for a topic counts. What has come is acknowledged when the other broker has it; with --store,"
                    + " nothing is lost when this process is killed, and nothing at QoS 2 is passed on twice."
        },
        footer = {
            "",
            "User and password are in the URLs, or the password in the environment variables HAWSER_LOCAL_PASSWORD and"
                    + " HAWSER_REMOTE_PASSWORD. The options for TLS count for each broker that is reached by TLS.",
            "",
            "Both connections are made again and again, even if a broker refuses them. What the other broker refuses is told on"
                    + " standard error and given up.",
            "",
            "Exit code: 0 after a signal; 74 if the store failed; else 1."
        })
final class BridgeCommand implements Callable<Integer> {
    @Parameters(
            index = "0",
            paramLabel = "LOCAL",
            converter = ServerOptions.Url.class,
            description = "URL of one broker.")
    BrokerUrl local = BrokerUrl.LOCALHOST;

    @Parameters(
            index = "1",
            paramLabel = "REMOTE",
            converter = ServerOptions.Url.class,
            description = "URL of the other broker.")
    BrokerUrl remote = BrokerUrl.LOCALHOST;

    @Option(
            names = {"-t", "--topic"},
            paramLabel = "RULE",
            required = true,
            converter = Rule.class,
            description =
                    "What passes, and what it is called there, in quotes: 'meters/# out 1 \"\" plant7/'; may be repeated.")
    List<BridgeRule> rules = new ArrayList<>();

    @Option(
            names = {"-i", "--id"},
            paramLabel = "ID",
            required = true,
            description = "Client identifier at both brokers, the same every time.")
    String id = "";

    @Option(
            names = "--store",
            paramLabel = "DIR",
            description = "Keep the sessions in files in this directory, where the next run finds them.")
    @Nullable
    Path store;

    @Option(
            names = "--durability",
            paramLabel = "PROMISE",
            converter = StoreOptions.Promise.class,
            completionCandidates = Candidates.Promises.class,
            description =
                    "With --store, what it survives: process (the end of this process; default), power (a power cut), lazy"
                            + " (neither; up to a second is lost).")
    @Nullable
    Durability durability;

    @Option(
            names = "--window",
            paramLabel = "COUNT",
            defaultValue = "500",
            description = "How many messages of QoS 1 and 2 may be on their way, each way, 1 to 10000 (default: 500).")
    int window = 500;

    @Option(
            names = "-x",
            paramLabel = "SECONDS",
            converter = SessionOptions.Expiry.class,
            description = "How long the brokers keep the session while the bridge is away (MQTT 5.0; default: 7 days).")
    @Nullable
    Long sessionExpiry;

    @Option(
            names = {"-V", "--protocol-version"},
            paramLabel = "VERSION",
            converter = ServerOptions.Version.class,
            completionCandidates = Candidates.Versions.class,
            description =
                    "mqttv5 (or 5), mqttv311 (or 311) or mqttv31 (or 31); default: the highest that each broker accepts.")
    @Nullable
    ProtocolVersion version;

    @Option(
            names = "--proxy",
            paramLabel = "URL",
            converter = ServerOptions.ProxyUrl.class,
            description = "Reach the remote broker through this proxy, as \"hawser pub --proxy\" does.")
    @Nullable
    Proxy proxy;

    @Mixin
    TlsOptions tls = new TlsOptions();

    @Option(
            names = {"-d", "--debug"},
            description = "Say on standard error what the connections do.")
    boolean debug;

    @Option(names = "--quiet", description = "Print no errors that happen while running.")
    boolean quiet;

    @Option(names = "--help", usageHelp = true, description = "Print this help.")
    boolean help;

    Map<String, String> environment = System.getenv();

    @Override
    public Integer call() throws InterruptedException {
        Notices notices = new Notices(this::say, System::nanoTime);
        MqttBridge.Builder builder = MqttBridge.between(client(local, "LOCAL", null), client(remote, "REMOTE", proxy))
                .clientId(id)
                .window(window)
                .onRefused((message, cause) -> notices.tell(
                        "refused",
                        "Error: a message to '" + Utf8.printable(message.topic()) + "' was refused and is given up: "
                                + Utf8.printable(String.valueOf(cause.getMessage()))))
                .onEvent((side, event) -> tell(notices, side, event));
        rules.forEach(builder::rule);
        if (store != null) {
            builder.store(store).durability(durability == null ? Durability.PROCESS : durability);
        } else if (durability != null) {
            throw new IllegalArgumentException("--durability needs --store.");
        }
        if (sessionExpiry != null) {
            builder.sessionExpiry(Duration.ofSeconds(sessionExpiry));
        }
        MqttBridge bridge = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(bridge), "signal"));
        CompletableFuture<Void> unused = bridge.connectAsync().thenRun(() -> say("The bridge is ready."));
        new CountDownLatch(1).await();
        return 0;
    }

    private ClientBuilder<MqttClient> client(BrokerUrl url, String side, @Nullable Proxy proxy) {
        ServerOptions server = new ServerOptions();
        server.url = url;
        server.version = version;
        server.proxy = proxy;
        String password = environment.get("HAWSER_" + side + "_PASSWORD");
        server.environment = password == null ? Map.of() : Map.of(Password.VARIABLE, password);
        if (url.tls()) {
            server.tls = tls;
        }
        server.check();
        ClientBuilder<MqttClient> builder = MqttClient.builder(server.server());
        server.applyTo(builder);
        return builder.reconnect(ReconnectPolicy.exponential(Duration.ofMillis(500), Duration.ofSeconds(30))
                .evenIfRefused());
    }

    private void tell(Notices notices, String side, ConnectionEvent event) {
        if (debug) {
            System.err.println(side + ": " + Utf8.printable(event.toString()));
        } else if (event instanceof ConnectionEvent.Connected) {
            notices.tell(side + " up", "Connected to the " + side + " broker.");
        } else if (event instanceof ConnectionEvent.ReconnectScheduled waiting) {
            notices.tell(
                    side + " down",
                    "Warning: no connection to the " + side + " broker: "
                            + Utf8.printable(String.valueOf(waiting.cause().getMessage())));
        } else if (event.level().compareTo(System.Logger.Level.WARNING) >= 0
                && !(event instanceof ConnectionEvent.Disconnected)) {
            notices.tell(
                    side + event.getClass().getName(), "Warning: " + side + ": " + Utf8.printable(event.toString()));
        }
    }

    private void say(String text) {
        if (!quiet) {
            System.err.println(text);
        }
    }

    private void end(MqttBridge bridge) {
        bridge.close();
        say(told("out", bridge.outbound()));
        say(told("in", bridge.inbound()));
        Runtime.getRuntime().halt(0);
    }

    private static String told(String way, MqttBridge.Counts counts) {
        return way + ": " + counts.passed() + " passed on, " + counts.refused() + " refused, " + counts.dropped()
                + " dropped at QoS 0, " + counts.repeated() + " repetitions, " + counts.echoed() + " echoes";
    }

    /** The argument of {@code -t}. */
    static final class Rule implements ITypeConverter<BridgeRule> {
        @Override
        public BridgeRule convert(String value) {
            try {
                return BridgeRule.parse(value);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
