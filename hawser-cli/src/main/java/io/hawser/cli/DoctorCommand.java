package io.hawser.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hawser doctor}: examines a broker. */
@Command(
        name = "doctor",
        sortOptions = false,
        description = {
            "Connect to a broker as a guest, and tell what it accepts, grants and does.",
            "",
            "Each version is tried by itself, or the one that -V names. Small messages are published to random topics"
                    + " below hawser-doctor/, at every QoS, and received back; one of them is retained, and removed again."
        },
        footer = {"", "Exit code: 0 if the broker accepts any version, else 1."})
final class DoctorCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "URL",
            arity = "0..1",
            converter = ServerOptions.Url.class,
            description = "The broker: mqtt(s):// or ws(s)://[user[:password]@]host[:port][/path], or unix:/path; or"
                    + " -h, -p, -L, --unix.")
    @Nullable
    BrokerUrl url;

    @Mixin
    ServerOptions server = new ServerOptions();

    @Mixin
    SessionOptions session = new SessionOptions();

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "5",
            description = "How long to wait for an answer or a message, 1 to 60 (default: 5).")
    int timeout = 5;

    @Option(names = "--json", description = "Print the findings as one JSON object.")
    boolean json;

    @Option(names = "--report", paramLabel = "FILE.html", description = "Write the findings as a page, too.")
    @Nullable
    Path report;

    @Option(names = "--help", usageHelp = true, description = "Print this help.")
    boolean help;

    @Override
    public Integer call() {
        if (timeout < 1 || timeout > 60) {
            throw new IllegalArgumentException("--timeout is " + timeout + ", must be 1 to 60");
        }
        if (url != null && server.url != null) {
            throw new IllegalArgumentException("Only one URL can be given.");
        }
        if (url == null && server.url == null && server.host == null && server.unix == null) {
            throw new IllegalArgumentException("Say which broker: hawser doctor URL");
        }
        server.url = url != null ? url : server.url;
        if (session.keepSession) {
            throw new IllegalArgumentException("-c cannot be used: the doctor leaves no session behind.");
        }
        server.check();
        session.check(server);
        Diagnosis diagnosis = new Doctor(server, session, timeout).examine();
        if (report != null) {
            diagnosis.report().write(report);
        }
        System.out.print(json ? diagnosis.json() + "\n" : diagnosis.table());
        return diagnosis.accepted() ? 0 : Failure.ERROR;
    }
}
