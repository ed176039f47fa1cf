package io.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xml.sax.InputSource;

class HtmlReportTest {
    private static final String EVIL = "<script>alert('1')</script> & \"quoted\" \u202e\u0000";

    /** Everything between head and end is also XML, and nothing in the page points anywhere. */
    private static void assertWhole(String html) throws Exception {
        String body = html.substring(html.indexOf("<body>"), html.indexOf("</html>"));
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(body)));
        assertThat(html).doesNotContain("NaN", "Infinity", "<script", "\u202e", "\u0000");
        assertThat(Pattern.compile("(src|href|url\\()").matcher(html).find()).isFalse();
    }

    @Test
    void whatOthersHaveWrittenIsTextOnly() throws Exception {
        HtmlReport page = new HtmlReport(EVIL, EVIL)
                .figures(EVIL, EVIL)
                .verdict(false, EVIL)
                .table(EVIL, List.of(List.of(EVIL), List.of(EVIL)))
                .list(EVIL, List.of(EVIL))
                .bars(EVIL, List.of(EVIL), List.of(1.0), EVIL)
                .lines(EVIL, List.of(new HtmlReport.Series(EVIL, List.of())), EVIL, x -> EVIL);
        assertWhole(page.html());
    }

    @Test
    void chartsOfNothingAndOfOnePointAreDrawn() throws Exception {
        assertWhole(new HtmlReport("a", "b")
                .lines("none", List.of(), "s", x -> "")
                .lines("one", List.of(new HtmlReport.Series("x", List.of(new HtmlReport.Point(0, 0)))), "s", x -> "")
                .bars("none", List.of(), List.of(), "s")
                .bars("zero", List.of("a"), List.of(0.0), "s")
                .html());
    }

    @Test
    void aBenchmarkShowsItsFiguresAndThroughput() throws Exception {
        Histogram latency = new Histogram(3);
        for (int i = 1; i <= 1_000; i++) {
            latency.recordValue(i * 1_000L);
        }
        HtmlReport.Samples samples = new HtmlReport.Samples();
        samples.add(0, 0);
        samples.add(1, 100);
        samples.add(2, 300);
        assertThat(samples.rates()).containsExactly(new HtmlReport.Point(1, 100), new HtmlReport.Point(2, 200));

        String html = new BenchResult("pub", 1, 300, 64, 10, 1, 2, 1.5, 100, latency)
                .report("mqtt://localhost", samples)
                .html();

        assertWhole(html);
        assertThat(html).contains("hawser bench pub", ">150</b>", "messages per second", "99.9 %", "longest");
        assertWhole(new BenchResult("sub", 0, 300, 64, 10, 1, 2, 1.5, 100, new Histogram(3))
                .report("mqtt://localhost", samples)
                .html());
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "0.123, 0.12",
        "5, 5",
        "12.5, 12.5",
        "999, 999",
        "1234, '1,234'",
        "12345, 12.35 k",
        "2500000, 2.5 M"
    })
    void numbersAreShort(double number, String shown) {
        assertThat(HtmlReport.number(number)).isEqualTo(shown);
    }

    @Test
    void theCommandsWriteTheirPages(@TempDir Path directory) throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            String port = Integer.toString(broker.port());
            Path bench = directory.resolve("bench.html");
            Path doctor = directory.resolve("doctor.html");
            assertThat(Main.run("bench", "pub", "-p", port, "--count", "2000", "--report", bench.toString()))
                    .isZero();
            assertThat(Main.run("doctor", broker.url(), "--report", doctor.toString()))
                    .isZero();
            assertWhole(Files.readString(bench));
            assertWhole(Files.readString(doctor));
            assertThat(Files.readString(doctor)).contains("MQTT 5.0", "Accepts 3 versions");
        }
    }

    @Test
    void theDemonstrationWritesItsPage(@TempDir Path directory) throws Exception {
        Path page = directory.resolve("demo.html");

        assertThat(Main.run("demo", "--report", page.toString())).isZero();

        assertWhole(Files.readString(page));
        assertThat(Files.readString(page)).contains("Nothing lost at QoS 1 and 2", "is cut in the middle of a packet");
    }

    @Test
    void aFileThatCannotBeWrittenIsNamed(@TempDir Path directory) throws Exception {
        Path missing = directory.resolve("none").resolve("a.html");
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            assertThat(Main.run(
                            "bench", "pub", "-p", "" + broker.port(), "--count", "10", "--report", missing.toString()))
                    .isNotZero();
        }
    }
}
