package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the shells and man make of the files that are generated for them. Skipped where one of them is not installed. */
@Tag("slow")
@Timeout(120)
class ShellTest {
    @TempDir
    Path directory;

    private static void assume(String program) {
        Assumptions.assumeTrue(Programs.exists(program), program + " is not installed");
    }

    private Path script(String shell, String name) throws Exception {
        try (HawserProcess hawser = HawserProcess.hawser("completion", shell)) {
            assertThat(hawser.awaitExit()).isZero();
            return Files.write(directory.resolve(name), hawser.lines());
        }
    }

    @Test
    void bashCompletes() throws Exception {
        assume("bash");
        String ask =
                "source '" + script("bash", "hawser.bash") + "'; ask() { COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1));"
                        + " COMPREPLY=(); _complete_hawser 2>/dev/null; echo \"${COMPREPLY[@]}\"; };"
                        + " ask hawser br; ask hawser pub --dur; ask hawser pub --durability p; ask hawser bench pub --cl";
        assertThat(Programs.run("bash", "-c", ask).lines().map(String::strip))
                .containsExactly("bridge", "--durability", "process power", "--clients");
    }

    @Test
    void fishCompletes() throws Exception {
        assume("fish");
        String source = "source '" + script("fish", "hawser.fish") + "';";
        for (String[] each : new String[][] {
            {"hawser br", "bridge"},
            {"hawser pub --dur", "--durability"},
            {"hawser pub --durability pro", "process"},
            {"hawser bench p", "pub"},
            {"hawser bench pub --cl", "--clients"},
            {"hawser -", "--help|-V|--version|-h"},
        }) {
            assertThat(Programs.run("fish", "--no-config", "-c", source + "complete -C '" + each[0] + "'")
                            .lines()
                            .map(line -> line.split("\t")[0]))
                    .as(each[0])
                    .isNotEmpty()
                    .allMatch(line -> line.matches(each[1]));
        }
    }

    @Test
    void zshCompletesAsOneTypes() throws Exception {
        assume("zsh");
        assume("tmux");
        script("zsh", "_hawser");
        String socket = directory.resolve("tmux").toString();
        Programs.run("tmux", "-S", socket, "-f", "/dev/null", "new-session", "-d", "-x", "150", "-y", "30", "zsh -f");
        try {
            type(
                    socket,
                    "PROMPT='> '; fpath=(" + directory
                            + " $fpath); autoload -Uz compinit; compinit -u -D; clear; echo there",
                    "Enter");
            awaitScreen(socket, "there");
            type(socket, "hawser bri", "Tab");
            awaitScreen(socket, "> hawser bridge");
            type(socket, "--dur", "Tab");
            awaitScreen(socket, "> hawser bridge --durability");
            type(socket, "la", "Tab");
            awaitScreen(socket, "> hawser bridge --durability lazy");
            type(socket, "--q", "Tab");
            awaitScreen(socket, "> hawser bridge --durability lazy --quiet");
        } finally {
            Programs.run("tmux", "-S", socket, "kill-server");
        }
    }

    private static void type(String socket, String text, String key) {
        Programs.run("tmux", "-S", socket, "send-keys", "-l", "--", text);
        Programs.run("tmux", "-S", socket, "send-keys", key);
    }

    private static void awaitScreen(String socket, String line) {
        await().atMost(Duration.ofSeconds(40))
                .until(() -> Programs.run("tmux", "-S", socket, "capture-pane", "-p")
                        .lines()
                        .anyMatch(each -> each.stripTrailing().equals(line)));
    }

    /** Each page is set without a warning, and says what --help says. */
    @Test
    void manShowsThePages() throws Exception {
        assume("man");
        try (HawserProcess build = HawserProcess.start(Class.forName("io.hawser.cli.ManPage"), directory.toString())) {
            assertThat(build.awaitExit()).isZero();
        }
        String page = Programs.run(
                "sh",
                "-c",
                "MANWIDTH=100 man --warnings -E ascii -l '" + directory.resolve("man/man1/hawser-sub.1")
                        + "' 2>&1 | col -b");
        assertThat(page)
                .contains(
                        "hawser-sub - Subscribe to topics",
                        "-t, --topic FILTER",
                        "--retain-handling WHEN",
                        "%t topic, %p payload",
                        "\\n \\r \\t",
                        "SEE ALSO",
                        "hawser(1)");
        assertThat(page).doesNotContain("warning", "%%");
    }
}
