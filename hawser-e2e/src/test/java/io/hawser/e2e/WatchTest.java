package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hawser.client.MqttClient;
import io.hawser.mqtt.Message;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code hawser watch} in a real terminal, that of tmux, in which somebody types. Skipped where tmux is not installed. */
@Tag("slow")
@EnabledOnOs(OS.LINUX)
@Timeout(120)
class WatchTest {
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(40);

    @TempDir
    Path directory;

    private Mosquitto broker;
    private MqttClient client;

    @BeforeEach
    void start() throws Exception {
        Assumptions.assumeTrue(Programs.exists("tmux"), "tmux is not installed: apt-get install tmux");
        broker = Mosquitto.start();
        client = MqttClient.connect(broker.url());
        client.publish(Message.of("kept/a", "here").retain(true));
        Path script = directory.resolve("watch");
        Files.writeString(
                script,
                "#!/bin/sh\n'" + Path.of(System.getProperty("java.home"), "bin", "java")
                        + "' -XX:TieredStopAtLevel=1 -cp '"
                        + System.getProperty("java.class.path") + "' io.hawser.cli.Main watch -L " + broker.url()
                        + "\necho ended with $?\nexec cat\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        tmux("-f", "/dev/null", "new-session", "-d", "-x", "90", "-y", "20", script.toString());
    }

    @AfterEach
    void stop() {
        if (client != null) {
            tmux("kill-server");
            client.close();
            broker.close();
        }
    }

    private String tmux(String... words) {
        List<String> command =
                new ArrayList<>(List.of("tmux", "-S", directory.resolve("tmux").toString()));
        command.addAll(List.of(words));
        return Programs.run(command.toArray(String[]::new));
    }

    private List<String> screen() {
        return tmux("capture-pane", "-p").lines().toList();
    }

    private void awaitScreen(Predicate<List<String>> condition) {
        await().atMost(LONG_ENOUGH).until(this::screen, condition);
    }

    private static boolean shows(List<String> screen, String regex) {
        return screen.stream().anyMatch(line -> line.matches(regex));
    }

    @Test
    void showsTopicsFiltersAsOneTypesAndLeavesTheTerminalAsItWas() {
        awaitScreen(screen -> shows(screen, "kept/a  here +q0 R .*/s"));
        assertThat(screen().get(0)).startsWith(" " + broker.url() + "  connected");

        client.publish(Message.of("meters/7/temp", "21.5"));
        client.publish(Message.of("meters/7/state", "{\"on\":true}"));
        awaitScreen(screen -> shows(screen, "  temp  21.5 .*") && shows(screen, "  state  \\{\"on\":true} .*"));

        tmux("send-keys", "-l", "STATE");
        awaitScreen(screen -> screen.get(1).startsWith("Filter: STATE_") && !shows(screen, ".*21.5.*"));
        tmux("send-keys", "Down", "Enter");
        awaitScreen(screen -> shows(screen, "  \"on\": true"));

        tmux("resize-window", "-x", "50", "-y", "12");
        awaitScreen(screen -> screen.size() <= 12 && shows(screen, "Up Down PgUp .*Enter message.*"));

        tmux("send-keys", "Escape");
        awaitScreen(screen -> screen.get(1).startsWith("Type to filter"));
        tmux("send-keys", "Escape");
        awaitScreen(screen -> shows(screen, "ended with 0"));
        // Echo is on again, and the lines of before are back.
        tmux("send-keys", "-l", "hello");
        awaitScreen(screen -> shows(screen, "hello") && !shows(screen, ".*Type to filter.*"));
    }

    @Test
    void tellsOfABrokerThatIsAwayAndThatItIsBack() {
        awaitScreen(screen -> screen.get(0).contains("  connected"));
        broker.stop();
        awaitScreen(screen -> !screen.get(0).contains("  connected"));
        broker.restart();
        awaitScreen(screen -> screen.get(0).contains("  connected"));
        tmux("send-keys", "C-c");
        awaitScreen(screen -> shows(screen, "ended with 0"));
    }
}
