package io.hawser.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.hawser.mqtt.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a file store makes of files that somebody else may have put in its way. */
class FileOwnershipTest {
    @TempDir
    Path directory;

    private FileSessionStore store() {
        return FileSessionStore.at(directory.resolve("store"));
    }

    private Path session() {
        return store().directory("meter");
    }

    private Path victim() throws IOException {
        return Files.writeString(directory.resolve("victim"), "precious");
    }

    private void assertRefused(String why) {
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> store().open("meter"))
                .withStackTraceContaining(why);
    }

    @Test
    void followsNoLinkInPlaceOfTheLock() throws IOException {
        Files.createDirectories(session());
        Files.createSymbolicLink(session().resolve("lock"), victim());

        assertRefused("no link is followed");
        assertThatExceptionOfType(StoreException.class).isThrownBy(() -> store().holder("meter"));
        assertThat(victim()).hasContent("precious");
    }

    @Test
    void followsNoLinkInPlaceOfAnyFileOfASession() throws IOException {
        store().open("meter").close();
        List<Path> files;
        try (Stream<Path> all = Files.list(session())) {
            files = all.toList();
        }
        assertThat(files).hasSizeGreaterThan(2);
        for (Path file : files) {
            Path moved = Files.move(file, directory.resolve("moved"));
            byte[] content = Files.readAllBytes(moved);
            Files.createSymbolicLink(file, moved);

            assertRefused("no link is followed");
            assertThat(moved).as(file.toString()).hasBinaryContent(content);
            Files.delete(file);
            Files.move(moved, file);
        }
        store().open("meter").close();
    }

    @Test
    void opensNothingThatIsNoFile() throws IOException {
        Files.createDirectories(session().resolve("lock"));

        assertRefused("is not a regular file");
    }

    @Test
    void followsNoLinkInPlaceOfTheDirectoryOfASession() throws IOException {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        Files.createDirectories(session().getParent());
        Files.createSymbolicLink(session(), elsewhere);

        assertRefused("no link is followed");
        assertThat(elsewhere).isEmptyDirectory();
    }

    @Test
    void replacesALinkWhereItCreatesAFile() throws IOException {
        Files.createDirectories(session());
        Files.createSymbolicLink(session().resolve("client.tmp"), victim());
        Files.createSymbolicLink(session().resolve("spare.tmp"), victim());

        store().open("meter").close();

        assertThat(victim()).hasContent("precious");
        assertThat(store().clientIds()).containsExactly("meter");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rwxr-xr-x", "rwxrwxrwx", "rwx-w----"})
    void makesADirectoryThatIsThereItsOwnersAlone(String permissions) throws IOException {
        Files.createDirectories(session());
        Files.setPosixFilePermissions(session(), PosixFilePermissions.fromString(permissions));

        store().open("meter").close();

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(session())))
                .isEqualTo("rwx------");
        try (Stream<Path> files = Files.list(session())) {
            assertThat(files).noneMatch(file -> file.toString().endsWith(".tmp"));
        }
    }

    @Test
    void refusesTheDirectoryOfAnotherUser() throws IOException {
        Files.createDirectories(session());
        assumeThat(given(session(), "nobody")).as("this test runs as root").isTrue();

        assertRefused("belongs to 'nobody'");
        try (Stream<Path> files = Files.list(session())) {
            assertThat(files).isEmpty();
        }
    }

    private static boolean given(Path file, String name) {
        try {
            UserPrincipal user =
                    file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(name);
            Files.setOwner(file, user);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
