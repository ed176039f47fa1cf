package io.hawser.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * Options that a user wants always: a file for each command, an option on each line with its value behind a blank, as
 * mosquitto's tools have them. What the command line says counts more.
 */
final class OptionsFile {
    /** The file of mosquitto's tools that is read if there is none of ours. */
    private static final Map<String, String> OTHERS =
            Map.of("pub", "mosquitto_pub", "sub", "mosquitto_sub", "request", "mosquitto_rr");

    private static final Set<String> COMMANDS = Set.of("pub", "sub", "request", "respond");
    /** Which options of a file an option of the command line displaces, beside itself. */
    private static final Map<String, Set<String>> DISPLACED = Map.ofEntries(
            Map.entry(
                    "--url",
                    Set.of("--host", "--port", "--unix", "--username", "--pw", "--password-file", "--ask-password")),
            Map.entry("--host", Set.of("--url", "--unix")),
            Map.entry("--port", Set.of("--url", "--unix")),
            Map.entry("--unix", Set.of("--url", "--host", "--port")),
            Map.entry("--pw", Set.of("--password-file", "--ask-password")),
            Map.entry("--password-file", Set.of("--pw", "--ask-password")),
            Map.entry("--ask-password", Set.of("--pw", "--password-file")),
            Map.entry("--id", Set.of("--id-prefix")),
            Map.entry("--id-prefix", Set.of("--id")));

    private final Path path;
    private final boolean ours;

    private OptionsFile(Path path, boolean ours) {
        this.path = path;
        this.ours = ours;
    }

    /** The file of a command, if there is one, in {@code $XDG_CONFIG_HOME} or {@code $HOME/.config}. */
    static @Nullable OptionsFile of(String command, Map<String, String> environment) {
        String xdg = environment.getOrDefault("XDG_CONFIG_HOME", "");
        String home = environment.getOrDefault("HOME", "");
        if (!COMMANDS.contains(command) || xdg.isEmpty() && home.isEmpty()) {
            return null;
        }
        Path directory = xdg.isEmpty() ? Path.of(home, ".config") : Path.of(xdg);
        Path own = directory.resolve("hawser").resolve(command);
        if (Files.isRegularFile(own)) {
            return new OptionsFile(own, true);
        }
        String other = OTHERS.get(command);
        return other != null && Files.isRegularFile(directory.resolve(other))
                ? new OptionsFile(directory.resolve(other), false)
                : null;
    }

    /**
     * The words of a command line, with those of the file of its command in front of what the user gave.
     *
     * @throws IOException with a text for the user, if the file cannot be read or has what the command does not know
     */
    static String[] joined(String[] words, Map<String, String> environment) throws IOException {
        OptionsFile file = words.length == 0 ? null : of(words[0], environment);
        if (file == null) {
            return words;
        }
        List<String> joined = new ArrayList<>(List.of(words[0]));
        joined.addAll(file.words(words));
        joined.addAll(Arrays.asList(words).subList(1, words.length));
        return joined.toArray(String[]::new);
    }

    private List<String> words(String[] given) throws IOException {
        CommandLine all = Main.commandLine();
        CommandLine command = Objects.requireNonNull(all.getSubcommands().get(given[0]));
        ParseResult onCommandLine = parsed(all, given);
        List<String> words = new ArrayList<>();
        int number = 0;
        for (String line : lines()) {
            number++;
            String text = line.strip();
            if (text.isEmpty() || text.startsWith("#")) {
                continue;
            }
            String[] parts = text.split("\\s+", 2);
            OptionSpec option = command.getCommandSpec().findOption(parts[0]);
            if (option == null) {
                unknown(parts[0], number);
            } else if (!isDisplaced(option, command, onCommandLine)) {
                words.add(parts[0]);
                if (parts.length > 1) {
                    boolean several = option.longestName().equals("--property");
                    words.addAll(several ? List.of(parts[1].split("\\s+", 4)) : List.of(parts[1]));
                }
            }
        }
        return words;
    }

    private List<String> lines() throws IOException {
        try {
            return Files.readAllLines(path, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IOException("Unable to read the options in " + path + ": " + e, e);
        }
    }

    /** What mosquitto's tools know and this one does not is no mistake of the user's. */
    private void unknown(String option, int line) throws IOException {
        String text = path + ", line " + line + ": unknown option '" + Main.nameOnly(option) + "'";
        if (ours) {
            throw new IOException(text);
        }
        System.err.println("Warning: " + text);
    }

    private static boolean isDisplaced(OptionSpec option, CommandLine command, @Nullable ParseResult given) {
        if (given == null) {
            return false;
        }
        if (given.hasMatchedOption(option)) {
            return !option.isMultiValue();
        }
        return DISPLACED.entrySet().stream()
                .filter(entry -> entry.getValue().contains(option.longestName()))
                .anyMatch(entry -> displaces(command.getCommandSpec().findOption(entry.getKey()), option, given));
    }

    /** A URL without a user leaves the file's. */
    private static boolean displaces(@Nullable OptionSpec other, OptionSpec option, ParseResult given) {
        if (other == null || !given.hasMatchedOption(other)) {
            return false;
        }
        Object value = other.getValue();
        boolean address = Set.of("--host", "--port", "--unix").contains(option.longestName());
        return !(value instanceof BrokerUrl url) || address || url.user() != null;
    }

    /** Null if the command line is wrong, which is told when it is parsed as a whole. */
    private static @Nullable ParseResult parsed(CommandLine all, String[] words) {
        try {
            return all.parseArgs(words).subcommand();
        } catch (ParameterException e) {
            return null;
        }
    }
}
