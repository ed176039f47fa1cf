package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The shell script that starts the command line, with a jar that tells how it was started. */
@EnabledOnOs(OS.LINUX)
@Timeout(120)
class LauncherTest {
    private static final String NAME = LauncherProbe.class.getName();

    @TempDir
    Path directory;

    private Path checkout;
    private Path told;

    @BeforeEach
    void checksOut() throws IOException {
        checkout = Files.createDirectory(directory.resolve("sp ace"));
        told = directory.resolve("told");
        Path script = Path.of("hawser");
        Files.copy(Files.isRegularFile(script) ? script : Path.of("..", "hawser"), checkout.resolve("hawser"));
        Files.setPosixFilePermissions(checkout.resolve("hawser"), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createFile(checkout.resolve("pom.xml"));
        for (String module : List.of("hawser-core", "hawser-client", "hawser-bridge", "hawser-cli")) {
            Files.createDirectories(checkout.resolve(module).resolve("src/main"));
            Files.createDirectories(checkout.resolve(module).resolve("target"));
            Files.createFile(checkout.resolve(module).resolve("pom.xml"));
        }
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, NAME);
        String entry = NAME.replace('.', '/') + ".class";
        try (OutputStream file = Files.newOutputStream(jar());
                JarOutputStream jar = new JarOutputStream(file, manifest);
                InputStream content = LauncherProbe.class.getClassLoader().getResourceAsStream(entry)) {
            jar.putNextEntry(new JarEntry(entry));
            content.transferTo(jar);
        }
        Files.setLastModifiedTime(jar(), FileTime.from(Instant.now().plusSeconds(1)));
    }

    private Path jar() {
        return checkout.resolve("hawser-cli/target/hawser-cli.jar");
    }

    private Path archive() {
        return checkout.resolve("hawser-cli/target/hawser.jsa");
    }

    /** Runs this in the shell, where {@code $0} is the launcher; returns code and output. */
    private String shell(String text, String... environment) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder("sh", "-c", text, checkout.resolve("hawser").toString(), told.toString());
        builder.directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().remove("JAVA_HOME");
        for (int i = 0; i < environment.length; i += 2) {
            builder.environment().put(environment[i], environment[i + 1]);
        }
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue() + ":" + output;
    }

    @Test
    void worksInAFolderWithABlankAndWithCdpathAndPassesWordsOn() throws Exception {
        assertThat(shell("\"sp ace/hawser\" \"$1\" 'a  b' '' '*'", "CDPATH", "/usr:/"))
                .isEqualTo("0:");

        assertThat(told).content().endsWith("\na  b||*\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-"})
    void opensTheNullDeviceForEachClosedDescriptor(String closed) throws Exception {
        shell("\"$0\" \"$1\" x >/dev/zero 2>/dev/zero </dev/zero " + closed);

        List<String> lines = Files.readAllLines(told);
        assertThat(lines.get(0)).isEqualTo("0 /dev/" + (closed.contains("<&-") ? "null" : "zero"));
        assertThat(lines.get(1))
                .isEqualTo("1 /dev/" + (closed.replace("2>&-", "").contains(">&-") ? "null" : "zero"));
        assertThat(lines.get(2)).isEqualTo("2 /dev/" + (closed.contains("2>&-") ? "null" : "zero"));
    }

    @Test
    void makesTheArchiveWhenItIsMissingOrOlderThanTheJar() throws Exception {
        shell("\"$0\" \"$1\"");
        assertThat(archive()).exists();
        Files.setLastModifiedTime(archive(), FileTime.from(Instant.EPOCH));

        shell("\"$0\" \"$1\"");

        assertThat(Files.getLastModifiedTime(archive()).toInstant()).isAfter(Instant.EPOCH);
    }

    /** There is no Windows here to run it: it is read instead. */
    @Test
    void theLauncherForWindowsStartsJavaAsThisOneDoes() throws Exception {
        Path script = Files.isRegularFile(Path.of("hawser.cmd")) ? Path.of("hawser.cmd") : Path.of("..", "hawser.cmd");
        String windows = Files.readString(script);
        String unix = Files.readString(checkout.resolve("hawser"));

        assertThat(options(windows)).isEqualTo(options(unix)).contains("-Xshare:auto", "-XX:TieredStopAtLevel=1");
        assertThat(windows)
                .contains("%HAWSER_JAVA_OPTS%", "JAVA_HOME", "-pl hawser-cli -am package", "exit /b %ERRORLEVEL%");
        assertThat(windows.lines().count()).isEqualTo(windows.split("\r\n", -1).length - 1);
    }

    private static Set<String> options(String script) {
        Set<String> options = new TreeSet<>();
        script.lines()
                .filter(line -> !line.startsWith("rem") && !line.strip().startsWith("#"))
                .forEach(line -> Pattern.compile("(?:-X|--sun)[-\\w:+=,]*")
                        .matcher(line)
                        .results()
                        .forEach(found -> options.add(found.group())));
        return options;
    }

    @Test
    void namesAJavaHomeWithoutJava() throws Exception {
        assertThat(shell("\"$0\" \"$1\"", "JAVA_HOME", "/nonexistent"))
                .isEqualTo("1:hawser: JAVA_HOME is /nonexistent, which has no bin/java\n");
    }

    @Test
    void canBeInterruptedWhereTheShellIgnoresThat() throws Exception {
        assumeThat(shell("env --default-signal=INT true")).isEqualTo("0:");

        shell("trap '' INT; \"$0\" \"$1\" x");

        assertThat(told).content().containsPattern("SigIgn: [0-9a-f]{15}[014589cd]\n");
    }

    @Test
    void runsTheOldJarWithAWarningForAUserWhoMayNotBuild() throws Exception {
        shell("\"$0\" \"$1\"");
        Files.delete(told);
        Files.setLastModifiedTime(
                checkout.resolve("pom.xml"), FileTime.from(Instant.now().plusSeconds(60)));
        Path target = checkout.resolve("hawser-cli/target");
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("r-xr-xr-x"));
        assumeThat(Files.isWritable(target)).as("whoever may do everything").isFalse();

        assertThat(shell("\"$0\" \"$1\" x")).startsWith("0:hawser: warning: sources are newer than ");

        assertThat(told).exists();
    }
}
