package io.hawser.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How messages are printed: the options that {@code sub} and {@code request} share. */
final class OutputOptions {
    @Option(
            names = {"-v", "--verbose"},
            description = "Print \"topic payload\".")
    boolean verbose;

    @Option(names = "-N", description = "Print no end of line after a message.")
    boolean noNewLine;

    @Option(
            names = "-F",
            paramLabel = "FORMAT",
            description = "Print messages in this format; see \"hawser sub --help\".")
    @Nullable
    String format;

    @Option(
            names = "--json",
            description = "Print each message as a JSON object: tst, topic, qos, retain, dup,"
                    + " properties if it has any (MQTT 5.0), and payload, or payloadBase64 if it is not UTF-8.")
    boolean json;

    @Option(names = "--pretty", description = "Print the JSON of --json, %%j and %%J on several lines, indented.")
    boolean pretty;

    @Option(
            names = "--encode",
            paramLabel = "hex|base64",
            converter = Encoding.Name.class,
            completionCandidates = Candidates.Encodings.class,
            description = "Print payloads (of -v, of %%p, of --json as payloadHex or payloadBase64) in this encoding.")
    @Nullable
    Encoding encoding;

    /** @throws IllegalArgumentException if options contradict each other, or the format is wrong */
    void check() {
        if (format != null && json) {
            throw new IllegalArgumentException("Only one of -F and --json can be given.");
        }
        if (pretty && format == null && !json) {
            throw new IllegalArgumentException("--pretty needs --json, or -F with %j or %J.");
        }
        MessageFormat unused = message();
    }

    /** The format of a message, with the end of its line. */
    MessageFormat line() {
        return noNewLine ? message() : message().withNewLine();
    }

    private MessageFormat message() {
        if (format != null) {
            return FormatString.parse(format, pretty, encoding);
        }
        if (json) {
            return (received, out) -> {
                String text = MessageFormat.jsonOf(received, encoding).toString();
                out.put(pretty ? JsonSyntax.indented(text) : text);
            };
        }
        return verbose ? MessageFormat.verbose(encoding) : MessageFormat.payload(encoding);
    }
}
