package io.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Manual pages and completion know each option of each command, and words of few choices are offered. */
class GeneratedPagesTest {
    private static List<CommandSpec> commands() {
        List<CommandSpec> all = new ArrayList<>();
        collect(Main.commandLine(), all);
        return all;
    }

    private static void collect(CommandLine command, List<CommandSpec> all) {
        if (!command.getCommandName().equals("help")) {
            all.add(command.getCommandSpec());
            command.getSubcommands().values().forEach(sub -> collect(sub, all));
        }
    }

    @Test
    void eachCommandHasAPageWithAllItsOptions() {
        Map<String, String> pages = ManPage.all();

        for (CommandSpec command : commands()) {
            String page = pages.get(command.qualifiedName("-"));
            assertThat(page).as(command.qualifiedName()).contains(".SH NAME", ".SH SYNOPSIS", ".SH OPTIONS");
            for (String name : ShellCompletion.names(command)) {
                assertThat(page).contains("\\fB" + name.replace("-", "\\-") + "\\fR");
            }
            // What roff would take for a request is none.
            assertThat(page.lines().filter(line -> line.startsWith(".") || line.startsWith("'")))
                    .allMatch(line -> line.matches("\\.(TH|SH|TP|PP|BR|nf|fi)( .*)?"));
        }
    }

    @Test
    void eachShellKnowsAllOptionsAndCommands() {
        for (String shell : List.of("bash", "zsh", "fish")) {
            String script = ShellCompletion.of(shell);
            for (CommandSpec command : commands()) {
                if (command.parent() != null) {
                    assertThat(script).contains(command.name());
                }
                for (OptionSpec option : ShellCompletion.options(command)) {
                    for (String name : option.names()) {
                        String written = !shell.equals("fish")
                                ? Pattern.quote(name)
                                : (name.startsWith("--")
                                        ? "-l " + Pattern.quote(name.substring(2))
                                        : "-s " + name.substring(1));
                        assertThat(Pattern.compile(written + "\\b")
                                        .matcher(script)
                                        .find())
                                .as(shell + " " + command.qualifiedName() + " " + name)
                                .isTrue();
                    }
                }
            }
        }
    }

    /** A label such as 0|1|2 says that these are all the words there are. */
    @Test
    void whatHasFewWordsOffersThem() {
        for (CommandSpec command : commands()) {
            for (OptionSpec option : ShellCompletion.options(command)) {
                if (option.paramLabel().contains("|")) {
                    assertThat(option.completionCandidates())
                            .as(command.qualifiedName() + " " + option.longestName())
                            .isNotNull()
                            .containsExactly(option.paramLabel().split("\\|"));
                }
            }
        }
    }

    /** What is offered is accepted. */
    @Test
    void whatIsOfferedIsAccepted() throws Exception {
        for (CommandSpec command : commands()) {
            for (OptionSpec option : ShellCompletion.options(command)) {
                if (option.completionCandidates() == null || option.converters().length == 0) {
                    continue;
                }
                for (String word : option.completionCandidates()) {
                    assertThat(option.converters()[0].convert(word)).isNotNull();
                }
            }
        }
    }

    @Test
    void theBuildWritesAllFiles(@TempDir Path directory) throws Exception {
        ManPage.main(new String[] {directory.toString()});

        assertThat(directory.resolve("man/man1/hawser-bench-pub.1")).exists();
        for (String script : List.of("hawser.bash", "_hawser", "hawser.fish")) {
            assertThat(Files.size(directory.resolve("completion").resolve(script)))
                    .isPositive();
        }
    }
}
