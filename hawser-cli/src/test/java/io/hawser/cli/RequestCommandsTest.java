package io.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.client.MqttClient;
import io.hawser.mqtt.Message;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** {@code hawser request} and {@code hawser respond} against a broker in this process. */
@Timeout(60)
class RequestCommandsTest {
    private static EmbeddedBroker broker;

    @BeforeAll
    static void startBroker() {
        broker = EmbeddedBroker.start();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @ParameterizedTest
    @CsvSource({
        "5, 0", "5, 1", "5, 2", "311, 0", "311, 1", "311, 2", "31, 1",
    })
    void requestPrintsWhatRespondAnswers(String version, int qos) throws Exception {
        String topic = "echo/" + version + "/" + qos;
        CompletableFuture<String> responder =
                respond("-t", topic, "-e", "%t/reply", "--echo", "-C", "1", "-V", version);
        List<String> options = new ArrayList<>(List.of("-t", topic, "-m", "hé", "-V", version, "-q", "" + qos));
        if (!version.equals("5")) {
            options.addAll(List.of("-e", topic + "/reply"));
        }

        assertThat(request(options)).isEqualTo("0:hé\n");
        assertThat(responder.get(20, TimeUnit.SECONDS)).isEqualTo("0:");
    }

    @Test
    void respondWithACommandThatSeesPayloadAndTopic() throws Exception {
        CompletableFuture<String> responder =
                respond("-t", "exec/+", "--exec", "printf '%s ' \"$HAWSER_TOPIC\"; tr a-z A-Z", "-C", "1", "--json");

        assertThat(request(List.of("-t", "exec/1", "-m", "$(id)", "-q", "1", "-N")))
                .isEqualTo("0:exec/1 $(ID)");
        assertThat(responder.get(20, TimeUnit.SECONDS))
                .startsWith("0:{\"tst\":")
                .contains("\"topic\":\"exec/1\",\"qos\":1,", "\"response-topic\":\"hawser/replies/hawser")
                .endsWith(",\"payload\":\"$(id)\",\"reply\":\"exec/1 $(ID)\"}\n");
    }

    @Test
    void commandThatFailsGivesNoReply() throws Exception {
        CompletableFuture<String> responder =
                respond("-t", "fails", "--exec", "echo no; exit 3", "-C", "1", "--json", "--quiet");

        assertThat(request(List.of("-t", "fails", "-m", "a", "-q", "1", "-W", "1", "--quiet")))
                .isEqualTo("27:");
        assertThat(responder.get(20, TimeUnit.SECONDS))
                .endsWith("\"payload\":\"a\",\"error\":\"the command exited with 3 on a request to 'fails'\"}\n");
    }

    @Test
    void respondWithAFileAndProperties(@TempDir Path dir) throws Exception {
        Path file = Files.write(dir.resolve("f"), new byte[] {0, -1});
        CompletableFuture<String> responder = respond(
                "-t", "bytes", "-f", file.toString(), "-D", "publish", "content-type", "x/y", "-C", "1", "--json");

        assertThat(request(List.of("-t", "bytes", "-n", "--json", "-q", "1")))
                .startsWith("0:{\"tst\":")
                .contains("\"content-type\":\"x/y\"")
                .endsWith("\"payloadBase64\":\"AP8=\"}\n");
        assertThat(responder.get(20, TimeUnit.SECONDS)).endsWith("\"payload\":\"\",\"replyBase64\":\"AP8=\"}\n");
    }

    @Test
    void requestPrintsInTheFormatsOfTheDialect() throws Exception {
        try (MqttClient responder = MqttClient.connect(broker.url())) {
            responder.respond("format", request -> Message.of(request.topic(), "r:" + request.text()));

            assertThat(request(List.of("-t", "format", "-m", "a", "-e", "format/reply", "-v", "-q", "1")))
                    .isEqualTo("0:format/reply r:a\n");
            assertThat(request(List.of("-t", "format", "-m", "a", "-F", "%q %p", "-q", "1")))
                    .isEqualTo("0:1 r:a\n");
        }
    }

    @Tag("slow")
    @Test
    void requestAndRespondExitWith27WhenTheTimeIsOver() throws Exception {
        try (MqttClient silent = MqttClient.connect(broker.url())) {
            silent.subscribe("silent", delivery -> {});

            assertThat(request(List.of("-t", "silent", "-m", "a", "-W", "1", "--quiet")))
                    .isEqualTo("27:");
        }
        assertThat(respond("-t", "silent", "-m", "a", "-W", "1", "--quiet").get(20, TimeUnit.SECONDS))
                .isEqualTo("27:");
    }

    /** Exit code, colon, standard output. */
    private static String request(List<String> options) {
        RequestCommand request = new RequestCommand();
        new CommandLine(request).parseArgs(options.toArray(String[]::new));
        request.server.host = "127.0.0.1";
        request.server.port = broker.port();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            return request.run(out) + ":" + out.toString(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As {@link #request}, later; returns when requests are answered. */
    private static CompletableFuture<String> respond(String... options) {
        RespondCommand respond = new RespondCommand();
        new CommandLine(respond).parseArgs(options);
        respond.server.host = "127.0.0.1";
        respond.server.port = broker.port();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        CompletableFuture<String> outcome = CompletableFuture.supplyAsync(() -> {
            try {
                return respond.run(out) + ":" + out.toString(StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        CompletableFuture.anyOf(outcome, respond.listening)
                .orTimeout(20, TimeUnit.SECONDS)
                .join();
        return outcome;
    }
}
