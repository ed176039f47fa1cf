package io.hawser.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code hawser bench}: measures. */
@Command(
        name = "bench",
        sortOptions = false,
        description = "Measure messages per second, latency, CPU time and memory allocated per message.",
        synopsisSubcommandLabel = "(pub | sub | roundtrip)",
        subcommands = {BenchPubCommand.class, BenchSubCommand.class, BenchRoundtripCommand.class},
        footer = {
            "",
            "Every message goes through the public API in a call of its own. The warm-up is not measured.",
            "CPU time and allocation are those of the whole process."
        })
final class BenchCommand implements Runnable {
    @Spec
    @Nullable
    CommandSpec spec;

    @Option(names = "--help", usageHelp = true, description = "Print this help.")
    boolean help;

    @Override
    public void run() {
        CommandLine bench = spec == null ? new CommandLine(this) : spec.commandLine();
        throw new ParameterException(bench, "Say what to measure: pub, sub or roundtrip.");
    }
}
