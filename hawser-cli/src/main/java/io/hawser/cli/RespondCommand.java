package io.hawser.cli;

import io.hawser.mqtt.Qos;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.TopicName;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code hawser respond}: answers requests. */
@Command(
        name = "respond",
        description = "Answer the requests that come to topics.",
        sortOptions = false,
        customSynopsis = "hawser respond [-h HOST] [-p PORT] -t FILTER... (-m TEXT | -f FILE | --echo | --exec COMMAND)"
                + " [OPTIONS]%n"
                + "   or: hawser respond -L URL (-m TEXT | -f FILE | --echo | --exec COMMAND) [OPTIONS]",
        footer = {
            "",
            "A reply goes to the response topic of its request, with the correlation data and the QoS of the request; without",
            "response topic, as before MQTT 5.0, to that of -e, or nowhere. Requests are answered one after the other.",
            "",
            "--exec: a COMMAND that does not exit with 0 gives no reply; that is said on standard error, and the request is",
            "refused: MQTT 5.0 tells the broker, before that the request comes again with the next connection.",
            "",
            "Exit code: 0; 27 if -W ran out; the CONNACK code if the broker refused the connection; 73 if standard output"
                    + " failed; else 1.",
            "A lost connection is made again; a first connection that fails is an error."
        })
final class RespondCommand implements Callable<Integer> {
    /** Stands for the topic of the request in {@code -e}. */
    static final String REQUEST_TOPIC = "%t";

    @Option(
            names = {"-t", "--topic"},
            paramLabel = "FILTER",
            converter = SubCommand.Filter.class,
            description = "Topic filter of the requests; may be repeated.")
    List<TopicFilter> filters = new ArrayList<>();

    @Option(
            names = {"-m", "--message"},
            paramLabel = "TEXT",
            description = "Answer with this text.")
    @Nullable
    String message;

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "Answer with the content of a file, as it is at the start.")
    @Nullable
    Path file;

    @Option(names = "--echo", description = "Answer with the payload and the content type of the request.")
    boolean echo;

    @Option(
            names = "--exec",
            paramLabel = "COMMAND",
            description = "Run this in the shell for each request, with its payload as standard input and its topic as"
                    + " HAWSER_TOPIC, and answer with the standard output.")
    @Nullable
    String command;

    @Option(
            names = "-e",
            paramLabel = "TOPIC",
            description = "Where to answer requests without response topic; %%t is the topic of the request.")
    @Nullable
    String replyTopic;

    @Option(
            names = {"-q", "--qos"},
            paramLabel = "0|1|2",
            converter = SessionOptions.QosLevel.class,
            completionCandidates = Candidates.QosLevels.class,
            defaultValue = "2",
            description = "Highest QoS at which requests are to come (default: 2).")
    Qos qos = Qos.EXACTLY_ONCE;

    @Option(names = "-C", paramLabel = "COUNT", description = "Exit after so many requests.")
    @Nullable
    Long count;

    @Option(
            names = "-W",
            paramLabel = "SECONDS",
            description = "Exit with code 27 after so many seconds, counted from the start.")
    @Nullable
    Long timeout;

    @Option(
            names = {"-v", "--verbose"},
            description = "Print each request as \"topic payload\".")
    boolean verbose;

    @Option(
            names = "--json",
            description =
                    "Print each request as \"hawser sub --json\" does, and reply, replyBase64 if it is not UTF-8, or"
                            + " error.")
    boolean json;

    @Mixin
    ServerOptions server = new ServerOptions();

    @Mixin
    SessionOptions session = new SessionOptions();

    @Option(names = "--help", usageHelp = true, description = "Print this help.")
    boolean help;

    /** Settles when the broker has answered the subscriptions. */
    final CompletableFuture<Void> listening = new CompletableFuture<>();

    @Override
    public Integer call() throws IOException {
        return run(StandardOutput.instance());
    }

    int run(OutputStream out) throws IOException {
        check();
        return new RespondRun(this, replies(), out).run();
    }

    private Replies replies() throws IOException {
        if (command != null) {
            return Replies.ofCommand(command);
        }
        return echo
                ? Replies.echo()
                : Replies.always(file != null ? Payloads.ofFile(file) : Payloads.ofText(Optional.ofNullable(message)));
    }

    private void check() {
        server.check();
        session.check(server);
        if (session.properties.has("publish", "response-topic")
                || session.properties.has("publish", "correlation-data")) {
            throw new IllegalArgumentException(
                    "A reply has the correlation data of its request, and no response topic.");
        }
        if (server.url != null && server.url.topic() != null) {
            filters.add(TopicFilter.of(server.url.topic()));
        }
        if (filters.isEmpty()) {
            throw new IllegalArgumentException("You must specify a topic to subscribe to.");
        }
        long modes = Stream.of(message != null, file != null, echo, command != null)
                .filter(given -> given)
                .count();
        if (modes != 1) {
            throw new IllegalArgumentException("Say how to answer, with one of -m, -f, --echo and --exec.");
        }
        if (replyTopic != null) {
            TopicName unused = TopicName.of(replyTopic.replace(REQUEST_TOPIC, "t"));
        }
        if (count != null && count < 1) {
            throw new IllegalArgumentException("Invalid message count \"" + count + "\".");
        }
        if (timeout != null && (timeout < 1 || timeout > Integer.MAX_VALUE)) {
            throw new IllegalArgumentException("Invalid timeout \"" + timeout + "\".");
        }
        if (verbose && json) {
            throw new IllegalArgumentException("Only one of -v and --json can be given.");
        }
    }
}
