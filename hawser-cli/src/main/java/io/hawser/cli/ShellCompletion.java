package io.hawser.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The scripts by which shells complete words of the command line, made from the commands themselves. picocli makes the one for bash;
 * what it says of zsh is that bash's script works there, which shows no descriptions; and for fish it has nothing.
 */
final class ShellCompletion {
    private static final String HIDDEN = "help";

    private ShellCompletion() {}

    /** @throws IllegalArgumentException if the shell is another than bash, zsh and fish */
    static String of(String shell) {
        CommandLine hawser = Main.commandLine();
        return switch (shell) {
            case "bash" -> AutoComplete.bash("hawser", hawser);
            case "zsh" -> zsh(hawser);
            case "fish" -> fish(hawser);
            default -> throw new IllegalArgumentException("The shell must be bash, zsh or fish.");
        };
    }

    /** The purpose of a command, in a line. */
    static String summary(CommandSpec command) {
        String[] description = command.usageMessage().description();
        return description.length == 0 ? "" : text(description[0]);
    }

    /** A description on one line; picocli has doubled percent signs in some places, and single ones in others. */
    static String text(String... lines) {
        return String.join(" ", lines).replace("%n", " ").replace("%%", "%").strip();
    }

    static List<OptionSpec> options(CommandSpec command) {
        return command.options().stream().filter(option -> !option.hidden()).toList();
    }

    private static List<CommandSpec> subcommands(CommandLine command) {
        return command.getSubcommands().values().stream()
                .map(CommandLine::getCommandSpec)
                .distinct()
                .filter(sub -> !sub.name().equals(HIDDEN))
                .toList();
    }

    private static boolean isFile(OptionSpec option) {
        return option.type() == Path.class;
    }

    private static String candidates(OptionSpec option) {
        Iterable<String> candidates = option.completionCandidates();
        return candidates == null
                ? ""
                : StreamSupport.stream(candidates.spliterator(), false).collect(Collectors.joining(" "));
    }

    private static String zsh(CommandLine hawser) {
        StringBuilder out = new StringBuilder("#compdef hawser\n\n");
        zsh(hawser, "_hawser", out);
        return out.append("if [ \"$funcstack[1]\" = _hawser ]; then _hawser \"$@\"; else compdef _hawser hawser; fi\n")
                .toString();
    }

    private static void zsh(CommandLine command, String function, StringBuilder out) {
        CommandSpec spec = command.getCommandSpec();
        List<CommandSpec> subs = subcommands(command);
        subs.forEach(sub -> zsh(sub.commandLine(), function + "_" + sub.name(), out));
        List<String> words = new ArrayList<>();
        options(spec).forEach(option -> words.add(zsh(option)));
        out.append(function).append("() {\n");
        if (!subs.isEmpty()) {
            words.add("'1: :->command'");
            words.add("'*:: :->words'");
            out.append("  local state line\n  local -a commands=(\n");
            subs.forEach(sub -> out.append("    ")
                    .append(quoted(sub.name() + ":" + summary(sub).replace(":", "\\:")))
                    .append('\n'));
            out.append("  )\n");
        } else {
            words.add("'*: :_default'");
        }
        out.append("  _arguments ").append(subs.isEmpty() ? "-s" : "-C").append(" : \\\n    ");
        out.append(String.join(" \\\n    ", words)).append('\n');
        if (!subs.isEmpty()) {
            out.append(
                    "  case $state in\n    command) _describe command commands ;;\n    words)\n      case $words[1] in\n");
            subs.forEach(sub -> out.append("        ")
                    .append(sub.name())
                    .append(") ")
                    .append(function + "_" + sub.name())
                    .append(" ;;\n"));
            out.append("      esac ;;\n  esac\n");
        }
        out.append("}\n\n");
    }

    private static String zsh(OptionSpec option) {
        String description = "[" + text(option.description()).replaceAll("([\\[\\]:\\\\])", "\\\\$1") + "]";
        String value = "";
        if (option.arity().max() > 0) {
            String candidates = candidates(option);
            String action = isFile(option) ? "_files" : candidates.isEmpty() ? "" : "(" + candidates + ")";
            value = ":" + option.paramLabel().replace(":", "\\:") + ":" + action;
        }
        String names = option.names().length == 1 ? option.names()[0] : "'{" + String.join(",", option.names()) + "}'";
        String once = option.isMultiValue() || option.names().length > 1 ? "*" : "";
        return "'" + once + names + (description + value).replace("'", "'\\''") + "'";
    }

    private static String fish(CommandLine hawser) {
        StringBuilder out = new StringBuilder("complete -c hawser -f\n");
        CommandSpec root = hawser.getCommandSpec();
        options(root).forEach(option -> fish(option, "__fish_use_subcommand", out));
        for (CommandSpec sub : subcommands(hawser)) {
            fish(sub, "__fish_use_subcommand", out);
            List<CommandSpec> nested = subcommands(sub.commandLine());
            // The name of a command may be that of another's subcommand, or any other word.
            String here = "test (commandline -opc)[2] = " + sub.name();
            String inNested = "__fish_seen_subcommand_from "
                    + nested.stream().map(CommandSpec::name).collect(Collectors.joining(" "));
            for (OptionSpec option : options(sub)) {
                fish(option, nested.isEmpty() ? here : here + "; and not " + inNested, out);
            }
            for (CommandSpec below : nested) {
                fish(below, here + "; and not " + inNested, out);
                String there = here + "; and test (commandline -opc)[3] = " + below.name();
                options(below).forEach(option -> fish(option, there, out));
            }
        }
        return out.toString();
    }

    private static void fish(CommandSpec command, String condition, StringBuilder out) {
        out.append("complete -c hawser -n ")
                .append(quoted(guarded(condition)))
                .append(" -a ")
                .append(command.name())
                .append(" -d ")
                .append(quoted(summary(command)))
                .append('\n');
    }

    private static void fish(OptionSpec option, String condition, StringBuilder out) {
        out.append("complete -c hawser -n ").append(quoted(guarded(condition)));
        for (String name : option.names()) {
            out.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1));
        }
        if (option.arity().max() > 0) {
            String candidates = candidates(option);
            out.append(isFile(option) ? " -r -F" : " -x");
            out.append(candidates.isEmpty() ? "" : " -a " + quoted(candidates));
        }
        out.append(" -d ").append(quoted(text(option.description()))).append('\n');
    }

    /** A word that is not there yet makes an empty list, on which {@code test} would complain. */
    private static String guarded(String condition) {
        return condition.startsWith("__")
                ? condition
                : "test (count (commandline -opc)) -ge " + (condition.contains("; and test") ? 3 : 2) + "; and "
                        + condition;
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "'\\''") + "'";
    }

    /** The names of the options of a command, hidden ones left out, for whoever looks whether all are there. */
    static List<String> names(CommandSpec command) {
        return options(command).stream()
                .flatMap(option -> Arrays.stream(option.names()))
                .toList();
    }
}
