package io.hawser.cli;

import io.hawser.client.Proxy;
import io.hawser.mqtt.ProtocolVersion;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code hawser demo}: shows what the three qualities of service are worth on a bad network. */
@Command(
        name = "demo",
        sortOptions = false,
        description = {
            "Publish a day of sensor readings over a network that keeps failing, and count what arrives.",
            "",
            "A broker is started in this process. Water level, wind speed and line tension of a berth (1,440 readings each)"
                    + " are sent at QoS 0, 1 and 2, the first of them before there is a connection. Then the connections of"
                    + " publisher and subscriber are cut again and again, also in the middle of a packet."
        },
        footer = {"", "Exit code: 0; 1 if anything was lost at QoS 1 or 2, or came twice at QoS 2."})
final class DemoCommand implements Callable<Integer> {
    @Option(
            names = {"-L", "--url"},
            paramLabel = "URL",
            converter = ServerOptions.Url.class,
            description =
                    "Use this broker instead: mqtt(s):// or ws(s)://[user[:password]@]host[:port][/path], or unix:/path."
                            + " Connections by TLS are cut only if they go through a proxy.")
    @Nullable
    BrokerUrl url;

    @Option(names = "--unix", paramLabel = "FILE", description = "Use the broker with this Unix domain socket.")
    @Nullable
    Path unix;

    @Option(
            names = "--proxy",
            paramLabel = "URL",
            description = "Go to the broker through this proxy, with the options of \"hawser pub --proxy\".")
    @Nullable
    String proxy;

    @Option(
            names = {"-V", "--protocol-version"},
            paramLabel = "VERSION",
            converter = ServerOptions.Version.class,
            completionCandidates = Candidates.Versions.class,
            description =
                    "mqttv5 (or 5), mqttv311 (or 311) or mqttv31 (or 31); default: the highest that the broker accepts.")
    @Nullable
    ProtocolVersion version;

    @Option(
            names = "--json",
            description =
                    "Print the result as one JSON object (published, delivered and lost at QoS 1 and 2, duplicates at"
                            + " QoS 2, and byQos); progress goes to standard error.")
    boolean json;

    @Option(
            names = "--store",
            description =
                    "Publish from another process with its session on disk, and kill that (kill -9) again and again:"
                            + " before it has sent anything, in the middle of sending, without a network.")
    boolean store;

    @Option(
            names = "--report",
            paramLabel = "FILE.html",
            description =
                    "Write a page with charts, too: what was published and delivered over time, and what was lost.")
    @Nullable
    Path report;

    @Option(names = "--help", usageHelp = true, description = "Print this help.")
    boolean help;

    private HtmlReport page(Tally tally, Screen screen, int kills) {
        HtmlReport page = new HtmlReport(
                "hawser demo",
                (url == null ? "Apache Artemis in this process" : url.toString())
                        + (proxy == null ? "" : ", by a proxy")
                        + (store ? ", with a session on disk" : ""));
        boolean kept = tally.promiseKept();
        page.verdict(kept, kept ? Tally.KEPT + "." : Tally.BROKEN + ".");
        page.figures(
                HtmlReport.number(tally.publishedInAll()),
                "published",
                HtmlReport.number(tally.deliveredInAll()),
                "delivered",
                HtmlReport.number(tally.lost(1) + tally.lost(2)),
                "lost at QoS 1 and 2",
                HtmlReport.number(tally.lost(0)),
                "lost at QoS 0",
                Integer.toString(kills),
                "kills of the publisher",
                HtmlReport.number(screen.seconds()) + " s",
                "time");
        page.lines("Messages", tally.curves(), "messages", x -> HtmlReport.number(x) + " s");
        page.bars(
                "Lost, by quality of service",
                List.of("QoS 0", "QoS 1", "QoS 2"),
                List.of((double) tally.lost(0), (double) tally.lost(1), (double) tally.lost(2)),
                "messages");
        page.table("What became of them", tally.rows());
        page.list(
                "What broke the promise", tally.breaches().lines().limit(1_000).toList());
        page.list("What happened", screen.said());
        return page;
    }

    private void check() {
        if (url != null && unix != null) {
            throw new IllegalArgumentException("Only one of --url and --unix can be given.");
        }
        if (unix != null) {
            url = BrokerUrl.parse(BrokerUrl.Scheme.UNIX.prefix + unix.toAbsolutePath());
        }
        if (proxy != null) {
            Proxy unused = ServerOptions.ProxyUrl.of(proxy);
            if (url != null && url.scheme() == BrokerUrl.Scheme.UNIX) {
                throw new IllegalArgumentException(
                        "A Unix domain socket is on this machine; --proxy cannot be given beside it.");
            }
        }
    }

    @Override
    public Integer call() throws Exception {
        check();
        PrintStream progress = json ? System.err : System.out;
        Screen screen = Screen.on(progress, 1);
        Tally tally = new Tally(SensorDay.MINUTES);
        int kills = 0;
        try (DemoNetwork network = DemoNetwork.open(url, proxy, version, screen)) {
            if (store) {
                kills = new StoredDemo(network, screen, tally).run();
            } else {
                new Demo(network, screen, tally).run();
            }
        }
        screen.done();
        if (report != null) {
            page(tally, screen, kills).write(report);
        }
        if (json) {
            System.out.println(tally.json());
        } else {
            System.out.println();
            System.out.print(tally.table());
            System.out.print(tally.breaches());
            System.out.printf(
                    "%n%s%s in %.1f s.%n",
                    tally.promiseKept() ? Tally.KEPT + "," : Tally.BROKEN + ",",
                    kills == 0 ? "" : " though the publisher was killed " + kills + " times,",
                    screen.seconds());
        }
        return tally.promiseKept() ? 0 : Failure.ERROR;
    }
}
