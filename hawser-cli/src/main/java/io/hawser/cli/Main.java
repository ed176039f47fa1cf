package io.hawser.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** The entry point of {@code hawser}. */
@Command(
        name = "hawser",
        description = "An MQTT client for the JVM.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            PubCommand.class,
            SubCommand.class,
            RequestCommand.class,
            RespondCommand.class,
            DemoCommand.class,
            BenchCommand.class,
            DoctorCommand.class,
            SessionCommand.class
        },
        footer = {"", "\"hawser COMMAND --help\" tells more.", ""})
public final class Main implements Runnable {
    private Main() {}

    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** Runs a command and returns its exit code. */
    static int run(String... args) {
        return commandLine().execute(args);
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main())
                // -m @home is a message, not a file of arguments.
                .setExpandAtFiles(false)
                // -m -n is one too.
                .setAllowOptionsAsOptionParameters(true)
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler((e, args) -> usageError(e.getCommandLine(), e))
                .setExecutionExceptionHandler((e, commandLine, parsed) -> executionError(e, commandLine));
    }

    @Override
    public void run() {
        CommandLine.usage(this, System.err);
        throw new ParameterException(commandLine(), "No command given.");
    }

    /** As mosquitto's tools say it. */
    private static int usageError(CommandLine commandLine, Exception e) {
        PrintWriter err = commandLine.getErr();
        err.println("Error: " + e.getMessage());
        err.println();
        CommandSpec spec = commandLine.getCommandSpec();
        err.println("Use '" + spec.qualifiedName() + " --help' to see usage.");
        err.flush();
        return Failure.ERROR;
    }

    private static int executionError(Exception e, CommandLine commandLine) {
        if (e instanceof IllegalArgumentException) {
            return usageError(commandLine, e);
        }
        return Failure.of(e).report(false);
    }

    /** Reads the version that the build wrote into the jar. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"hawser " + (version == null ? "(not packaged)" : version)};
        }
    }
}
