package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.bridge.MqttBridge;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.Message;
import io.hawser.testing.BrokerServer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is released is complete and says what it is. */
class PackagingTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

    @ParameterizedTest
    @ValueSource(classes = {Message.class, MqttClient.class, MqttBridge.class, BrokerServer.class})
    void eachJarHasTheLicenceAndItsVersion(Class<?> type) throws Exception {
        Path place =
                Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
        Assumptions.assumeTrue(Files.isRegularFile(place), "before the phase package there are no jars");
        try (JarFile jar = new JarFile(place.toFile());
                InputStream licence = jar.getInputStream(jar.getEntry("META-INF/LICENSE"))) {
            assertThat(new String(licence.readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo(Files.readString(ROOT.resolve("LICENSE")));
            Attributes manifest = jar.getManifest().getMainAttributes();
            assertThat(manifest.getValue(Attributes.Name.IMPLEMENTATION_TITLE)).startsWith("Hawser ");
            assertThat(manifest.getValue(Attributes.Name.IMPLEMENTATION_VERSION))
                    .isEqualTo(only("<version>(.*?)</version>", ROOT.resolve("hawser-bom/pom.xml")));
        }
    }

    @Test
    void theBomManagesEveryModuleThatIsReleased() throws IOException {
        Set<String> released = new TreeSet<>();
        for (String module : all("<module>(.*)</module>", ROOT.resolve("pom.xml"))) {
            Path pom = ROOT.resolve(module).resolve("pom.xml");
            if (!module.equals("hawser-bom") && !Files.readString(pom).contains("<maven.deploy.skip>true<")) {
                released.add(module);
            }
        }
        Set<String> managed = all("<artifactId>(.*)</artifactId>", ROOT.resolve("hawser-bom/pom.xml"));
        managed.remove("hawser-bom");
        assertThat(managed).isEqualTo(released);
    }

    @Test
    void thePomsSayWhatMavenCentralDemands() throws IOException {
        assertThat(Files.readString(ROOT.resolve("hawser-bom/pom.xml")))
                .contains("<name>", "<description>", "<url>", "<license>", "<developer>", "<scm", "<connection>");
        for (String module : all("<module>(.*)</module>", ROOT.resolve("pom.xml"))) {
            assertThat(Files.readString(ROOT.resolve(module).resolve("pom.xml")))
                    .as(module)
                    .contains("<name>Hawser ", "<description>");
        }
    }

    private static String only(String pattern, Path file) throws IOException {
        return Pattern.compile(pattern)
                .matcher(Files.readString(file))
                .results()
                .map(found -> found.group(1))
                .findFirst()
                .orElseThrow();
    }

    private static Set<String> all(String pattern, Path file) throws IOException {
        return Pattern.compile(pattern)
                .matcher(Files.readString(file))
                .results()
                .map((MatchResult found) -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
