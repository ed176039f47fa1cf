package io.hawser.cli;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.TopicName;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code hawser request}: asks and prints the reply, in the dialect of mosquitto_rr. */
@Command(
        name = "request",
        description = "Publish a request, wait for its reply, and print it.",
        sortOptions = false,
        customSynopsis = "hawser request [-h HOST] [-p PORT] -t TOPIC (-m TEXT | -f FILE | -s | -n) [OPTIONS]%n"
                + "   or: hawser request -L URL (-m TEXT | -f FILE | -s | -n) [OPTIONS]",
        footer = {
            "",
            "Options as in mosquitto_rr. -e is needed before MQTT 5.0, where the responder must know the topic. -F as in",
            "\"hawser sub --help\".",
            "",
            "Exit code: 0 when a reply came; 27 if -W ran out; the CONNACK code if the broker refused the connection; 73 if"
                    + " standard output failed; else 1.",
            "A lost connection is made again; a first connection that fails is an error."
        })
final class RequestCommand implements Callable<Integer> {
    @Option(
            names = {"-t", "--topic"},
            paramLabel = "TOPIC",
            description = "Topic to publish the request to.")
    @Nullable
    String topic;

    @Option(
            names = "-e",
            paramLabel = "TOPIC",
            description = "Response topic (default on MQTT 5.0: one of this client's own).")
    @Nullable
    String responseTopic;

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
            names = {"-s", "--stdin-file"},
            description = "Send all of standard input.")
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
            description = "What is to be sent is given in this encoding.")
    @Nullable
    Encoding decoding;

    @Option(
            names = {"-q", "--qos"},
            paramLabel = "0|1|2",
            converter = SessionOptions.QosLevel.class,
            completionCandidates = Candidates.QosLevels.class,
            defaultValue = "0",
            description = "Quality of service of the request, and so of the reply (default: 0).")
    Qos qos = Qos.AT_MOST_ONCE;

    @Option(
            names = "-W",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "Exit with code 27 if no reply has come so many seconds after the start (default: 60).")
    long timeout = 60;

    @Mixin
    OutputOptions output = new OutputOptions();

    @Mixin
    ServerOptions server = new ServerOptions();

    @Mixin
    SessionOptions session = new SessionOptions();

    @Option(names = "--help", usageHelp = true, description = "Print this help.")
    boolean help;

    @Override
    public Integer call() throws IOException {
        return run(StandardOutput.instance());
    }

    int run(OutputStream out) throws IOException {
        TopicName name = check();
        Message request = session.properties.on("publish", Message.of(name, payload(), qos, false));
        if (responseTopic != null) {
            request = request.responseTopic(responseTopic);
        }
        return new RequestRun(server, session).ask(request, Duration.ofSeconds(timeout), output.line(), out);
    }

    private TopicName check() {
        server.check();
        session.check(server);
        if (session.properties.has("subscribe")) {
            throw new IllegalArgumentException("subscribe properties given, but the client subscribes by itself.");
        }
        if (responseTopic != null && session.properties.has("publish", "response-topic")) {
            throw new IllegalArgumentException("-e and -D publish response-topic cannot be used together.");
        }
        if (responseTopic == null && server.version != null && server.version != ProtocolVersion.MQTT_5) {
            throw new IllegalArgumentException("-e is needed with MQTT " + server.version + ".");
        }
        long modes = Stream.of(message != null, file != null, stdin, empty)
                .filter(given -> given)
                .count();
        String name = topic != null || server.url == null ? topic : server.url.topic();
        if (modes > 1) {
            throw new IllegalArgumentException("Only one type of message can be sent at once.");
        }
        if (modes == 0 || name == null) {
            throw new IllegalArgumentException("Both topic and message must be supplied.");
        }
        output.check();
        if (timeout < 1 || timeout > Duration.ofDays(365).toSeconds()) {
            throw new IllegalArgumentException("Invalid timeout \"" + timeout + "\".");
        }
        return TopicName.of(name);
    }

    private byte[] payload() throws IOException {
        byte[] given = given();
        return decoding == null ? given : decoding.decode(given);
    }

    private byte[] given() throws IOException {
        if (file != null) {
            return Payloads.ofFile(file);
        }
        return stdin ? Payloads.ofStream(System.in, "stdin") : Payloads.ofText(Optional.ofNullable(message));
    }
}
