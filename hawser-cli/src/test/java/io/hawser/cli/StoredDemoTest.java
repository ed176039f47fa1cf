package io.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ProtocolVersion;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code demo --store}: the publisher is killed in earnest. */
@Timeout(120)
class StoredDemoTest {
    @Tag("slow")
    @Test
    void losesNothingAndRepeatsNothingAtQos2ThoughThePublisherIsKilled() {
        PrintStream before = System.out;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        int code;
        try {
            code = Main.run("demo", "--store", "--json");
        } finally {
            System.setOut(before);
        }
        assertThat(code).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .startsWith("{\"published\":2880,\"delivered\":2880,\"duplicates\":0,\"lost\":0,");
    }

    @Test
    void theTaskOfThePublisherSurvivesTheCommandLine() {
        var any = new DemoPublisher.Task("mqtt://h:1", null, "id", Path.of("a b"), "p/", 0);
        var pinned = new DemoPublisher.Task("mqtt://h:1", ProtocolVersion.MQTT_3_1, "id", Path.of("d"), "p/", 12);
        assertThat(DemoPublisher.Task.of(any.arguments().toArray(String[]::new)))
                .isEqualTo(any);
        assertThat(DemoPublisher.Task.of(pinned.arguments().toArray(String[]::new)))
                .isEqualTo(pinned);
    }
}
