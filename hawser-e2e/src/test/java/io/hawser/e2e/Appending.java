package io.hawser.e2e;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A file to which lines are appended, each with one write: it has the line whole, or not, when the process is killed. */
final class Appending {
    private final Path path;
    private final FileOutputStream out;

    Appending(Path path) throws IOException {
        this.path = path;
        out = new FileOutputStream(path.toFile(), true);
    }

    void line(String line) {
        try {
            out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Nullable
    String lastLine() {
        List<String> lines = lines(path);
        return lines.isEmpty() ? null : lines.get(lines.size() - 1);
    }

    /** The lines of such a file; none if nobody has begun it yet. */
    static List<String> lines(Path path) {
        try {
            return Files.exists(path) ? Files.readAllLines(path) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
