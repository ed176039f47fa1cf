package io.hawser.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hawser completion}: the script by which a shell completes what is typed. */
@Command(
        name = "completion",
        description = {
            "Print the script by which a shell completes the words of hawser.",
            "",
            "bash: source <(hawser completion bash). zsh: source <(hawser completion zsh), behind compinit."
                    + " fish: hawser completion fish | source. Or into a file where the shell looks for such scripts."
        })
final class CompletionCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "SHELL",
            completionCandidates = Candidates.Shells.class,
            description = "bash, zsh or fish.")
    String shell = "";

    @Option(names = "--help", usageHelp = true, description = "Print this help.")
    boolean help;

    @Override
    public Integer call() {
        System.out.print(ShellCompletion.of(shell));
        return 0;
    }
}
