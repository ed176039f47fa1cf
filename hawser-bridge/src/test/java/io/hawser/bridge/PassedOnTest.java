package io.hawser.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PassedOnTest {
    private static Fingerprint fingerprint(int number) {
        return new Fingerprint(number % 3 + 1, number, -number);
    }

    @ParameterizedTest
    @CsvSource({"10, 10", "10, 4", "4, 10", "1, 1", "7, 3"})
    void theLastOnesAreThereInTheNextProcess(int before, int after, @TempDir Path directory) throws IOException {
        Path file = directory.resolve("passed");
        PassedOn first = PassedOn.in(file, before);
        for (int i = 1; i <= 25; i++) {
            first.add(fingerprint(i));
        }
        first.close();

        PassedOn second = PassedOn.in(file, after);

        for (int i = 1; i <= 25; i++) {
            assertThat(second.contains(fingerprint(i))).isEqualTo(i > 25 - Math.min(before, after));
        }
        second.add(fingerprint(26));
        assertThat(second.contains(fingerprint(26))).isTrue();
        assertThat(second.contains(fingerprint(26 - after))).isFalse();
        second.close();
    }

    @Test
    void oneThatIsThereTwiceLeavesOnce() throws IOException {
        PassedOn passedOn = PassedOn.inMemory(3);
        passedOn.add(fingerprint(1));
        passedOn.add(fingerprint(1));
        passedOn.add(fingerprint(2));
        passedOn.add(fingerprint(3));
        assertThat(passedOn.contains(fingerprint(1))).isTrue();
        passedOn.add(fingerprint(4));
        assertThat(passedOn.contains(fingerprint(1))).isFalse();
    }

    @Test
    void aFileThatEndsInARecordIsReadUpToThere(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("passed");
        PassedOn first = PassedOn.in(file, 3);
        first.add(fingerprint(1));
        first.close();
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length + 5));

        assertThat(PassedOn.in(file, 3).contains(fingerprint(1))).isTrue();
    }

    @Test
    void keysAreReadBack() {
        Fingerprint fingerprint = new Fingerprint(65_535, Long.MIN_VALUE, 7);
        assertThat(Fingerprint.ofKey(fingerprint.key())).isEqualTo(fingerprint);
    }
}
