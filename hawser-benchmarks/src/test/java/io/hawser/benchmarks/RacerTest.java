package io.hawser.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every client in every mode, for as long as it takes to see that what it says is what the sink saw. */
class RacerTest {
    private static final int COUNT = 700;

    private SinkRunner sink;

    @BeforeEach
    void startSink() throws Exception {
        sink = new SinkRunner(new Sink.Options(0, 50, 65_535, 0));
    }

    @AfterEach
    void stopSink() throws Exception {
        sink.close();
    }

    static Stream<Arguments> clientsAndLevels() {
        return Contestants.NAMES.stream().flatMap(client -> Stream.of(0, 1, 2).map(qos -> Arguments.of(client, qos)));
    }

    @ParameterizedTest
    @MethodSource("clientsAndLevels")
    void whatAClientSaysItPublishedTheSinkHasReceived(String client, int qos) throws Exception {
        Map<String, Double> figures = race("--client", client, "--mode", "pub", "--qos", "" + qos, "--inflight", "100");

        SinkCounts counts = sink.counts();
        assertThat(figures.get("messages")).isGreaterThanOrEqualTo(COUNT);
        assertThat(counts.received()).isGreaterThanOrEqualTo(COUNT);
        assertThat(new long[] {counts.qos0(), counts.qos1(), counts.qos2()}[qos])
                .isEqualTo(counts.received());
        if (qos > 0) {
            assertThat((double) counts.received()).isGreaterThanOrEqualTo(figures.get("messages"));
        }
    }

    @ParameterizedTest
    @MethodSource("clientsAndLevels")
    void aClientReceivesAndAcknowledgesWhatTheSinkHasSent(String client, int qos) throws Exception {
        Map<String, Double> figures = race("--client", client, "--mode", "sub", "--qos", "" + qos);

        SinkCounts counts = sink.counts();
        assertThat(figures).containsEntry("messages", (double) COUNT);
        assertThat(counts.sent()).isEqualTo(COUNT);
        assertThat(counts.disordered()).isZero();
    }

    static Stream<String> clients() {
        return Contestants.NAMES.stream();
    }

    @ParameterizedTest
    @MethodSource("clients")
    void aRoundTripIsTimed(String client) throws Exception {
        Map<String, Double> figures = race("--client", client, "--mode", "roundtrip", "--qos", "1", "--warmup", "0");

        assertThat(figures.get("p50")).isPositive();
        assertThat(figures.get("p99")).isGreaterThanOrEqualTo(figures.get("p50"));
        assertThat((double) sink.counts().qos1()).isGreaterThanOrEqualTo(figures.get("messages"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "process", "power", "lazy"})
    void hawserPublishesThroughEveryStore(String store) throws Exception {
        Map<String, Double> figures = race(
                "--client",
                "hawser",
                "--mode",
                "pub",
                "--qos",
                "1",
                "--size",
                "128",
                "--store",
                store,
                "--inflight",
                "100");

        assertThat(figures.get("messages")).isGreaterThanOrEqualTo(COUNT);
        assertThat((double) sink.counts().qos1()).isGreaterThanOrEqualTo(figures.get("messages"));
    }

    @ParameterizedTest
    @CsvSource({"hawser, 3", "hawser, 4", "hawser, 5"})
    void hawserSpeaksEveryVersionToTheSink(String client, int version) throws Exception {
        Map<String, Double> figures =
                race("--client", client, "--mode", "sub", "--qos", "2", "--version", "" + version);

        assertThat(figures).containsEntry("messages", (double) COUNT);
        assertThat(sink.counts().disordered()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"raw, 0", "raw, 2", "hawser, 0", "hawser, 2"})
    void payloadsLongerThanEveryBufferGoThrough(String client, int qos) throws Exception {
        int size = 1 << 20;
        Racer racer = new Racer(course(
                "--client",
                client,
                "--mode",
                "pub",
                "--qos",
                "" + qos,
                "--size",
                "" + size,
                "--inflight",
                "10",
                "--pending",
                "10",
                "--count",
                "20"));
        assertThat(figures(racer.run()).get("messages")).isGreaterThanOrEqualTo(20);
        assertThat(sink.counts().received()).isGreaterThanOrEqualTo(20);

        Racer receiving = new Racer(
                course("--client", client, "--mode", "sub", "--qos", "" + qos, "--size", "" + size, "--count", "20"));
        assertThat(figures(receiving.run())).containsEntry("messages", 20.0);
        assertThat(sink.counts().sent()).isEqualTo(20);
    }

    @Test
    void wildcardSubscriptionsReceiveWhatIsSpreadOverManyTopics() throws Exception {
        Map<String, Double> figures =
                race("--client", "hawser", "--mode", "sub", "--qos", "1", "--filters", "200", "--topics", "30");

        assertThat(figures).containsEntry("messages", (double) COUNT);
    }

    @Test
    void idleConnectionsAreCounted() throws Exception {
        Racer racer = new Racer(course("--client", "hawser", "--mode", "idle", "--count", "20"));

        assertThat(figures(racer.run())).containsKeys("heap", "threads");
        assertThat(sink.counts().connections()).isEqualTo(30);
    }

    private Map<String, Double> race(String... args) throws Exception {
        String[] more =
                Stream.concat(Stream.of(args), Stream.of("--count", "" + COUNT)).toArray(String[]::new);
        return figures(new Racer(course(more)).run());
    }

    private Course course(String... args) {
        String[] all = Stream.concat(Stream.of(args), Stream.of("--port", "" + sink.port(), "--seconds", "6"))
                .toArray(String[]::new);
        return Course.parse(all);
    }

    private static Map<String, Double> figures(String line) {
        Map<String, Double> figures = new HashMap<>();
        for (String figure : line.split(" ")) {
            String[] parts = figure.split("=");
            figures.put(parts[0], Double.valueOf(parts[1]));
        }
        return figures;
    }
}
