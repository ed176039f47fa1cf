package io.hawser.cli;

import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.Subscription.RetainHandling;
import io.hawser.mqtt.TopicFilter;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code hawser sub}: subscribes and prints, in the dialect of mosquitto_sub. */
@Command(
        name = "sub",
        description = "Subscribe to topics and print the messages that come.",
        sortOptions = false,
        customSynopsis = "hawser sub [-h HOST] [-p PORT] -t FILTER... [OPTIONS]%n   or: hawser sub -L URL [OPTIONS]",
        footer = {
            "",
            "Options as in mosquitto_sub. -F knows %%t topic, %%p payload, %%x %%X payload in hexadecimal (%%:x with"
                    + " colons), %%f %%d payload that is a binary float or double, %%l its length, %%m packet identifier,"
                    + " %%q QoS, %%r retain, %%j %%J JSON, %%I ISO time, %%U Unix time, @ with a letter of strftime,"
                    + " \\n \\r \\t \\v \\a \\0 \\e; of MQTT 5.0, %%A topic alias (always empty), %%C content type,"
                    + " %%D correlation data, %%E expiry, %%F payload format, %%P user properties, %%R response topic,"
                    + " %%S subscription identifiers.",
            "",
            "With --store, subscriptions and the identifiers of QoS 2 messages outlive this process: what was printed does"
                    + " not come again.",
            "",
            "Exit code: 0; 27 if -W ran out; the CONNACK code if the broker refused the connection; 73 if standard output"
                    + " failed; 74 if the store failed; else 1.",
            "A lost connection is made again; a first connection that fails is an error."
        })
final class SubCommand implements Callable<Integer> {
    @Option(
            names = {"-t", "--topic"},
            paramLabel = "FILTER",
            converter = Filter.class,
            description = "Topic filter to subscribe to; may be repeated.")
    List<TopicFilter> filters = new ArrayList<>();

    @Option(
            names = {"-q", "--qos"},
            paramLabel = "0|1|2",
            converter = SessionOptions.QosLevel.class,
            completionCandidates = Candidates.QosLevels.class,
            defaultValue = "0",
            description = "Highest QoS at which messages are to come (default: 0).")
    Qos qos = Qos.AT_MOST_ONCE;

    @Mixin
    StoreOptions store = new StoreOptions();

    @Mixin
    ServerOptions server = new ServerOptions();

    @Mixin
    SessionOptions session = new SessionOptions();

    @Option(names = "-C", paramLabel = "COUNT", description = "Exit after so many messages.")
    @Nullable
    Long count;

    @Option(
            names = "-W",
            paramLabel = "SECONDS",
            description = "Exit with code 27 after so many seconds, counted from the start.")
    @Nullable
    Long timeout;

    @Option(names = "-E", description = "Exit as soon as the broker has acknowledged the subscriptions.")
    boolean exitWhenSubscribed;

    @Mixin
    OutputOptions output = new OutputOptions();

    @Option(
            names = {"-w", "--watch"},
            description = "Keep a line of the screen for each topic, with the last message. See also \"hawser watch\".")
    boolean watch;

    @Option(names = "-R", description = "Print no retained messages.")
    boolean noRetained;

    @Option(names = "--retained-only", description = "Print retained messages only; exit at the first other one.")
    boolean retainedOnly;

    @Option(
            names = "--retain-as-published",
            description = "Show the retain flag as the message was published with it (MQTT 5.0).")
    boolean retainAsPublished;

    @Option(
            names = "--retain-handling",
            paramLabel = "WHEN",
            converter = Handling.class,
            completionCandidates = Candidates.RetainHandlings.class,
            description =
                    "When the broker is to send retained messages: always (default), new (if the subscription is) or"
                            + " never (MQTT 5.0).")
    @Nullable
    RetainHandling retainHandling;

    @Option(names = "--remove-retained", description = "Remove from the broker each retained message that comes.")
    boolean removeRetained;

    @Option(
            names = {"-T", "--filter-out"},
            paramLabel = "FILTER",
            converter = Filter.class,
            description = "Print no messages whose topic matches; may be repeated.")
    List<TopicFilter> filteredOut = new ArrayList<>();

    @Option(
            names = {"-U", "--unsubscribe"},
            paramLabel = "FILTER",
            converter = Filter.class,
            description = "Unsubscribe, for use with -c; may be repeated.")
    List<TopicFilter> unsubscribed = new ArrayList<>();

    @Option(names = "--random-filter", paramLabel = "PERCENT", description = "Print so many of a hundred messages.")
    @Nullable
    Double randomFilter;

    @Option(names = "--help", usageHelp = true, description = "Print this help.")
    boolean help;

    @Override
    public Integer call() throws InterruptedException {
        return run(StandardOutput.instance());
    }

    int run(OutputStream out) throws InterruptedException {
        check();
        MessageFormat line = watch ? new WatchFormat(output, server.shown()) : output.line();
        return new SubRun(this, line, out).run();
    }

    private void check() {
        server.check();
        store.check(session);
        session.check(server);
        if (session.properties.has("publish")) {
            throw new IllegalArgumentException("publish properties given, but nothing is published.");
        }
        requireMqtt5("--retain-as-published", retainAsPublished);
        requireMqtt5("--retain-handling", retainHandling != null);
        if (server.url != null && server.url.topic() != null) {
            filters.add(TopicFilter.of(server.url.topic()));
        }
        if (filters.isEmpty() && unsubscribed.isEmpty()) {
            throw new IllegalArgumentException("You must specify a topic to subscribe to.");
        }
        if (count != null && count < 1) {
            throw new IllegalArgumentException("Invalid message count \"" + count + "\".");
        }
        if (timeout != null && (timeout < 1 || timeout > Integer.MAX_VALUE)) {
            throw new IllegalArgumentException("Invalid timeout \"" + timeout + "\".");
        }
        if (noRetained && retainedOnly) {
            throw new IllegalArgumentException("Combining '-R' and '--retained-only' makes no sense.");
        }
        output.check();
        if (watch && (output.pretty || output.noNewLine)) {
            throw new IllegalArgumentException("--watch has one line for each topic: --pretty and -N cannot be given.");
        }
        if (randomFilter != null && !(randomFilter >= 0.1 && randomFilter <= 100)) {
            throw new IllegalArgumentException("--random-filter must be between 0.1 and 100.");
        }
    }

    private void requireMqtt5(String option, boolean given) {
        if (given && server.version == null) {
            server.version = ProtocolVersion.MQTT_5;
        }
        if (given && server.version != ProtocolVersion.MQTT_5) {
            throw new IllegalArgumentException(option + " needs MQTT 5.0, and -V asks for " + server.version + ".");
        }
    }

    /** When retained messages are sent. */
    static final class Handling implements ITypeConverter<RetainHandling> {
        @Override
        public RetainHandling convert(String value) {
            return switch (value) {
                case "always" -> RetainHandling.SEND;
                case "new" -> RetainHandling.SEND_IF_NEW;
                case "never" -> RetainHandling.DO_NOT_SEND;
                default -> throw new TypeConversionException("'" + value + "' must be always, new or never");
            };
        }
    }

    /** A valid topic filter. */
    static final class Filter implements ITypeConverter<TopicFilter> {
        @Override
        public TopicFilter convert(String value) {
            try {
                return TopicFilter.of(value);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
