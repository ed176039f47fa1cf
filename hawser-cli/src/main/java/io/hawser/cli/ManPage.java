package io.hawser.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The manual pages of the commands, in the macros of man(7), made from the commands themselves. (picocli's generator makes
 * AsciiDoc, which only Asciidoctor makes a manual page of: 50 MB of JRuby.)
 */
final class ManPage {
    private final CommandSpec command;
    private final StringBuilder out = new StringBuilder();

    private ManPage(CommandSpec command) {
        this.command = command;
    }

    /** Writes all pages, and the scripts for completion, below a directory: what a package installs. */
    public static void main(String[] arguments) throws Exception {
        Path pages = Files.createDirectories(Path.of(arguments[0], "man", "man1"));
        for (Map.Entry<String, String> page : all().entrySet()) {
            Files.writeString(pages.resolve(page.getKey() + ".1"), page.getValue());
        }
        Path scripts = Files.createDirectories(Path.of(arguments[0], "completion"));
        for (String shell : List.of("bash", "zsh", "fish")) {
            String name = shell.equals("zsh") ? "_hawser" : "hawser." + shell;
            Files.writeString(scripts.resolve(name), ShellCompletion.of(shell));
        }
    }

    /** All pages by their names, such as {@code hawser-pub}. */
    static Map<String, String> all() {
        Map<String, String> pages = new TreeMap<>();
        add(Main.commandLine(), pages);
        return pages;
    }

    private static void add(CommandLine command, Map<String, String> pages) {
        CommandSpec spec = command.getCommandSpec();
        if (spec.name().equals("help")) {
            return;
        }
        pages.put(name(spec), new ManPage(spec).page());
        command.getSubcommands().values().forEach(sub -> add(sub, pages));
    }

    private static String name(CommandSpec command) {
        return command.qualifiedName("-");
    }

    private String page() {
        String summary = ShellCompletion.summary(command);
        line(".TH " + name(command).toUpperCase(Locale.ROOT).replace("-", "\\-") + " 1 \"\" Hawser \"Hawser\"");
        line(".SH NAME");
        line(escaped(name(command)) + " \\- " + escaped(summary.replaceAll("\\.$", "")));
        line(".SH SYNOPSIS");
        synopsis();
        line(".SH DESCRIPTION");
        paragraphs(command.usageMessage().description());
        commands();
        options();
        if (command.usageMessage().footer().length > 0) {
            line(".SH NOTES");
            paragraphs(command.usageMessage().footer());
        }
        line(".SH SEE ALSO");
        List<String> others = new ArrayList<>();
        CommandSpec parent = command.parent();
        if (parent != null) {
            others.add(name(parent));
        }
        command.subcommands().values().stream()
                .map(CommandLine::getCommandSpec)
                .filter(sub -> !sub.name().equals("help"))
                .forEach(sub -> others.add(name(sub)));
        for (int i = 0; i < others.size(); i++) {
            line(".BR " + escaped(others.get(i)) + " (1)" + (i + 1 < others.size() ? "," : ""));
        }
        return out.toString();
    }

    private void synopsis() {
        String synopsis = command.commandLine()
                .setUsageHelpWidth(2_000)
                .getHelp()
                .synopsis(0)
                .strip();
        line(".nf");
        Arrays.stream(Ansi.OFF.string(synopsis).split("\n")).forEach(each -> line(escaped(each.strip())));
        line(".fi");
    }

    /** An empty string is the end of a paragraph. */
    private void paragraphs(String... lines) {
        boolean begun = false;
        for (String each : lines) {
            String text = ShellCompletion.text(each);
            if (text.isEmpty()) {
                if (begun) {
                    line(".PP");
                }
            } else {
                line(escaped(text));
                begun = true;
            }
        }
    }

    private void commands() {
        if (command.subcommands().isEmpty()) {
            return;
        }
        line(".SH COMMANDS");
        command.subcommands().values().stream()
                .map(CommandLine::getCommandSpec)
                .distinct()
                .filter(sub -> !sub.name().equals("help"))
                .forEach(sub -> item("\\fB" + escaped(sub.name()) + "\\fR", ShellCompletion.summary(sub)));
    }

    private void options() {
        line(".SH OPTIONS");
        for (PositionalParamSpec parameter : command.positionalParameters()) {
            item("\\fI" + escaped(parameter.paramLabel()) + "\\fR", ShellCompletion.text(parameter.description()));
        }
        for (OptionSpec option : ShellCompletion.options(command)) {
            List<String> names = Arrays.stream(option.names())
                    .map(name -> "\\fB" + escaped(name) + "\\fR")
                    .toList();
            String value = option.arity().max() == 0 ? "" : " \\fI" + escaped(option.paramLabel()) + "\\fR";
            item(String.join(", ", names) + value, ShellCompletion.text(option.description()));
        }
    }

    private void item(String label, String text) {
        line(".TP");
        line(label);
        line(escaped(text));
    }

    /** A dash is a minus, so that it can be copied; a line that begins with a dot or an apostrophe is no request. */
    private static String escaped(String text) {
        String escaped = text.replace("\\", "\\e").replace("-", "\\-");
        return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
    }

    private void line(String text) {
        out.append(text).append('\n');
    }
}
