package io.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.client.MqttClient;
import io.hawser.mqtt.Message;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What commands say, and with which code they end, when something keeps them from their work. */
@Timeout(60)
class EndingTest {
    private static final OutputStream FULL = failing("No space left on device");

    private static OutputStream failing(String why) {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException(why);
            }
        };
    }

    private interface Command {
        int run() throws Exception;
    }

    /** Code and standard error, with a colon between. */
    private static String ending(Command command) throws Exception {
        PrintStream before = System.err;
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        try {
            int code = command.run();
            return code + ":" + err.toString(StandardCharsets.UTF_8);
        } finally {
            System.setErr(before);
        }
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "2"})
    void subWhoseOutputFailedEndsWithItsOwnCodeWhateverIsCounted(String qos) throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start();
                MqttClient client = MqttClient.connect(broker.url())) {
            client.publish(Message.of("kept", "v").retain(true));
            String[] words = {"-p", "" + broker.port(), "-h", "127.0.0.1", "-t", "kept", "-q", qos, "-C", "1"};

            assertThat(ending(() -> sub(FULL, words)))
                    .startsWith("73:Error: Unable to write to standard output: No space left on device");
            assertThat(ending(() -> sub(failing("Broken pipe"), words))).isEqualTo("73:");
            assertThat(ending(() -> sub(new ByteArrayOutputStream(), words))).isEqualTo("0:");
        }
    }

    @Test
    void requestAndRespondWhoseOutputFailedEndWithTheirOwnCode() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start();
                MqttClient responder = MqttClient.connect(broker.url())) {
            responder.respond(
                    io.hawser.mqtt.Subscription.to("ask"), request -> Message.of(request.topic(), request.text()));
            RequestCommand request = new RequestCommand();
            new CommandLine(request)
                    .parseArgs("-h", "127.0.0.1", "-p", "" + broker.port(), "-t", "ask", "-m", "x", "-q", "1");

            assertThat(ending(() -> request.run(FULL))).startsWith("73:Error: Unable to write to standard output");
            assertThat(ending(() -> request.run(failing("Broken pipe")))).isEqualTo("73:");
        }
    }

    @Test
    void whatIsPrintedOtherwiseIsMissedToo() throws Exception {
        StandardOutput output = new StandardOutput(FULL);
        new PrintStream(output, true, StandardCharsets.UTF_8).println("table");

        assertThat(ending(() -> output.exitCode(0))).startsWith("73:Error: Unable to write to standard output");
        assertThat(ending(() -> output.exitCode(5))).isEqualTo("5:");
        assertThat(new StandardOutput(new ByteArrayOutputStream()).exitCode(0)).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sub", "request", "respond"})
    void timeIsUpBeforeTheBrokerHasAnswered(String command) throws Exception {
        List<String> all = command.equals("sub") ? List.of() : List.of("-m", "x");
        try (RawBroker broker = new RawBroker(true)) {
            String[] words = {command, "-h", "127.0.0.1", "-p", "" + broker.port(), "-t", "x", "-W", "1"};
            String[] more = java.util.stream.Stream.concat(java.util.Arrays.stream(words), all.stream())
                    .toArray(String[]::new);

            assertThat(ending(() -> Main.run(more))).isEqualTo("27:Timed out" + System.lineSeparator());
        }
    }

    @Test
    void aRefusedLineIsToldWithItsNumberAndCostsNoOther() throws Exception {
        try (RawBroker broker = new RawBroker(false)) {
            String ending = withInput("0\n0x87\n0\n0x83\n0x99\n0\n", "-p", "" + broker.port(), "-V", "5");

            assertThat(ending)
                    .startsWith("1:")
                    .contains("NOT_AUTHORIZED (line 2)", "(line 4)", "(line 5)", "3 of 6 lines")
                    .doesNotContain("(line 1)", "(line 3)", "(line 6)");
            assertThat(withInput("0\n0x10\n", "-p", "" + broker.port(), "-V", "5"))
                    .isEqualTo("0:");
        }
    }

    private static String withInput(String input, String... words) throws Exception {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        try {
            String[] all = new String[words.length + 8];
            System.arraycopy(new String[] {"pub", "-h", "127.0.0.1", "-t", "x", "-q", "1", "-l"}, 0, all, 0, 8);
            System.arraycopy(words, 0, all, 8, words.length);
            return ending(() -> Main.run(all));
        } finally {
            System.setIn(before);
        }
    }

    private static int sub(OutputStream out, String... words) throws InterruptedException {
        SubCommand sub = new SubCommand();
        new CommandLine(sub).parseArgs(words);
        return sub.run(out);
    }
}
