package io.hawser.cli;

import io.hawser.text.Urls;
import io.hawser.text.Utf8;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

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
            WatchCommand.class,
            BridgeCommand.class,
            DemoCommand.class,
            BenchCommand.class,
            DoctorCommand.class,
            SessionCommand.class,
            CompletionCommand.class,
            CommandLine.HelpCommand.class
        },
        footer = {"", "\"hawser COMMAND --help\" tells more.", ""})
public final class Main implements Runnable {
    private Main() {}

    public static void main(String[] args) {
        StandardOutput output = StandardOutput.install();
        System.exit(output.exitCode(start(System.getenv(), args)));
    }

    /** Runs a command and returns its exit code. */
    static int run(String... args) {
        return commandLine().execute(args);
    }

    /** Runs what the user has typed, together with the options that are in files. */
    private static int start(Map<String, String> environment, String... args) {
        try {
            return run(OptionsFile.joined(Arguments.asGiven(args), environment));
        } catch (IllegalArgumentException | IOException e) {
            return Failure.of(e).report(false);
        }
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
        err.println("Error: " + text(e));
        err.println();
        CommandSpec spec = commandLine.getCommandSpec();
        if (spec.parent() == null) {
            err.println("Commands: "
                    + String.join(", ", commandLine.getSubcommands().keySet()));
        }
        err.println("Use '" + spec.qualifiedName() + " --help' to see usage.");
        err.flush();
        return Failure.ERROR;
    }

    /** What is not expected may be a secret, or a URL that has one. */
    private static String text(Exception e) {
        if (!(e instanceof UnmatchedArgumentException unmatched)
                || unmatched.getUnmatched().isEmpty()) {
            return String.valueOf(e.getMessage());
        }
        String first = unmatched.getUnmatched().get(0);
        return first.startsWith("-")
                ? "Unknown option: '" + nameOnly(first) + "'"
                : "Unmatched argument: '" + Urls.withoutSecrets(first) + "'";
    }

    /** An option without a value that stands behind it in the same word. */
    static String nameOnly(String option) {
        int end = option.indexOf('=');
        String name = end < 0 ? option : option.substring(0, end);
        return Utf8.printable(name.startsWith("--") || name.length() < 2 ? name : name.substring(0, 2));
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
            return new String[] {
                "hawser " + (version == null ? "(not packaged)" : version),
                "Java " + System.getProperty("java.version") + ", " + System.getProperty("java.vm.name") + " of "
                        + System.getProperty("java.vm.vendor") + ", " + System.getProperty("os.name") + " "
                        + System.getProperty("os.arch")
            };
        }
    }
}
