package io.hawser.cli;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.TopicName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code hawser pub}: publishes, in the dialect of mosquitto_pub. */
@Command(
        name = "pub",
        description = "Publish messages to a topic and exit when the broker has them.",
        sortOptions = false,
        customSynopsis = "hawser pub [-h HOST] [-p PORT] -t TOPIC (-m TEXT | -f FILE | -l | -s | -n) [OPTIONS]%n"
                + "   or: hawser pub [-h HOST] [-p PORT] --topic-lines [OPTIONS]%n"
                + "   or: hawser pub -L URL (-m TEXT | -f FILE | -l | -s | -n) [OPTIONS]%n"
                + "   or: hawser pub --store DIR -i ID (-m TEXT | -f FILE | -l | -s | -n) [OPTIONS]",
        footer = {
            "",
            "Options as in mosquitto_pub. -l sends on while earlier lines wait for their acknowledgement.",
            "",
            "With --store, messages are accepted while there is no connection, and the run ends when all is acknowledged,"
                    + " what earlier runs left in the store included: -l with empty standard input just sends that.",
            "",
            "Exit code: 0 when all is acknowledged (with --enqueue-only: stored); the CONNACK code if the broker refused the"
                    + " connection; 74 if the store failed; else 1.",
            "A lost connection is made again; a first connection that fails is an error unless there is a store."
        })
final class PubCommand implements Callable<Integer> {
    @Option(
            names = {"-t", "--topic"},
            paramLabel = "TOPIC",
            description = "Topic to publish to.")
    @Nullable
    String topic;

    @Option(
            names = {"-m", "--message"},
            paramLabel = "TEXT",
            description = "Send this text.")
    @Nullable
    String message;

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "Send the content of a file.")
    @Nullable
    Path file;

    @Option(
            names = {"-l", "--stdin-line"},
            description = "Send each line of standard input as a message.")
    boolean lines;

    @Option(
            names = "--topic-lines",
            description =
                    "Send each line of standard input, \"topic payload\" as \"hawser sub -v\" prints it; the topic ends at"
                            + " the first blank.")
    boolean topicLines;

    @Option(
            names = {"-s", "--stdin-file"},
            description = "Send all of standard input as one message.")
    boolean stdin;

    @Option(
            names = {"-n", "--null-message"},
            description = "Send an empty message.")
    boolean empty;

    @Option(
            names = "--decode",
            paramLabel = "hex|base64",
            converter = Encoding.Name.class,
            completionCandidates = Candidates.Encodings.class,
            description = "What is to be sent (with -l, each line) is given in this encoding.")
    @Nullable
    Encoding decoding;

    @Option(
            names = {"-q", "--qos"},
            paramLabel = "0|1|2",
            converter = SessionOptions.QosLevel.class,
            completionCandidates = Candidates.QosLevels.class,
            description = "Quality of service (default: 0; with --store: 1).")
    @Nullable
    Qos qos;

    @Option(
            names = {"-r", "--retain"},
            description = "Let the broker keep the message for later subscribers.")
    boolean retain;

    @Option(names = "--repeat", paramLabel = "COUNT", description = "With -m, -f, -s, -n: publish so many times.")
    @Nullable
    Integer repeat;

    @Option(
            names = "--repeat-delay",
            paramLabel = "SECONDS",
            description = "With --repeat: wait so long between two messages; may have a fraction.")
    double repeatDelay;

    @Mixin
    StoreOptions store = new StoreOptions();

    @Option(
            names = "--enqueue-only",
            description = "With --store: exit as soon as every message is safe in the store; never connect.")
    boolean enqueueOnly;

    @Mixin
    ServerOptions server = new ServerOptions();

    @Mixin
    SessionOptions session = new SessionOptions();

    @Option(names = "--help", usageHelp = true, description = "Print this help.")
    boolean help;

    @Override
    public Integer call() throws IOException {
        TopicName name = check();
        if (store.given()) {
            return new StoredPubRun(this, name).run(source());
        }
        PubRun run = new PubRun(this, name);
        return isByLine() ? run.publishLines(System.in) : run.publish(payload());
    }

    /** Null only if lines go to a store, which may have something to send all the same. */
    private @Nullable TopicName check() {
        server.check();
        store.check(session);
        session.check(server);
        if (session.properties.has("subscribe")) {
            throw new IllegalArgumentException("subscribe properties given, but nothing is subscribed.");
        }
        long modes = Stream.of(message != null, file != null, lines, topicLines, stdin, empty)
                .filter(given -> given)
                .count();
        String name = topic != null || server.url == null ? topic : server.url.topic();
        if (modes > 1) {
            throw new IllegalArgumentException("Only one type of message can be sent at once.");
        }
        if (modes == 0 || !topicLines && name == null && !(store.given() && lines)) {
            throw new IllegalArgumentException("Both topic and message must be supplied.");
        }
        if (topicLines && name != null) {
            throw new IllegalArgumentException(
                    "--topic-lines takes topics from its lines; none can be given beside it.");
        }
        if (repeat != null && (repeat < 1 || isByLine())) {
            throw new IllegalArgumentException(
                    isByLine() ? "--repeat cannot be used with -l." : "--repeat argument must be >0.");
        }
        if (!(repeatDelay >= 0 && repeatDelay <= 1e9)) {
            throw new IllegalArgumentException("--repeat-delay argument must be >=0.0.");
        }
        if (enqueueOnly && !store.given()) {
            throw new IllegalArgumentException("--enqueue-only needs --store.");
        }
        return name == null ? null : TopicName.of(name);
    }

    /** Whether each line of standard input is a message. */
    boolean isByLine() {
        return lines || topicLines;
    }

    /** Whether a line may be wrong by itself, which then costs no other. */
    boolean readsLines() {
        return topicLines || lines && decoding != null;
    }

    /**
     * A line or another input as the options want it sent.
     *
     * @throws IllegalArgumentException with a text for the user, if it is not what the options say it is
     */
    Message message(@Nullable TopicName topic, byte[] input) {
        TopicName name = topic;
        byte[] payload = input;
        if (topicLines) {
            int end = 0;
            while (end < input.length && input[end] != ' ') {
                end++;
            }
            name = TopicName.of(topicIn(Arrays.copyOf(input, end)));
            payload = Arrays.copyOfRange(input, Math.min(end + 1, input.length), input.length);
        }
        if (decoding != null) {
            payload = decoding.decode(payload);
        }
        if (name == null) {
            throw new IllegalArgumentException("There is something to be published, and no topic was supplied.");
        }
        Qos byDefault = store.given() ? Qos.AT_LEAST_ONCE : Qos.AT_MOST_ONCE;
        return session.properties.on("publish", Message.of(name, payload, qos == null ? byDefault : qos, retain));
    }

    private static String topicIn(byte[] bytes) {
        String text = MessageProperties.utf8(bytes);
        if (text == null) {
            throw new IllegalArgumentException("A topic must be UTF-8.");
        }
        return text;
    }

    private StoredPubRun.Source source() throws IOException {
        if (isByLine()) {
            return new Payloads.Lines(System.in)::next;
        }
        byte[] payload = payload();
        int times = repeat == null ? 1 : repeat;
        AtomicInteger sent = new AtomicInteger();
        return () -> {
            int before = sent.getAndIncrement();
            if (before > 0 && before < times) {
                pause();
            }
            return before < times ? payload : null;
        };
    }

    /** Waits between two repetitions. */
    void pause() {
        try {
            TimeUnit.NANOSECONDS.sleep((long) (repeatDelay * 1e9));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CompletionException(e);
        }
    }

    private byte[] payload() throws IOException {
        if (file != null) {
            return Payloads.ofFile(file);
        }
        return stdin ? Payloads.ofStream(System.in, "stdin") : Payloads.ofText(Optional.ofNullable(message));
    }
}
