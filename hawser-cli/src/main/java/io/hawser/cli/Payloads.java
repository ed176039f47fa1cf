package io.hawser.cli;

import io.hawser.mqtt.Message;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where payloads come from; bytes stay as they are. */
final class Payloads {
    private Payloads() {}

    static byte[] ofText(Optional<String> text) {
        return text.map(t -> t.getBytes(StandardCharsets.UTF_8)).orElseGet(() -> new byte[0]);
    }

    static byte[] ofFile(Path file) throws IOException {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw new IOException("Unable to open file \"" + file + "\".");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return ofStream(in, "file \"" + file + "\"");
        }
    }

    static byte[] ofStream(InputStream in, String what) throws IOException {
        byte[] payload = in.readNBytes(Message.MAXIMUM_PAYLOAD + 1);
        if (payload.length == 0) {
            throw new IOException("Zero length input from " + what + ".");
        }
        if (payload.length > Message.MAXIMUM_PAYLOAD) {
            throw new IOException("Input from " + what + " must have at most " + Message.MAXIMUM_PAYLOAD + " bytes.");
        }
        return payload;
    }

    /** Splits a stream at line feeds, whatever other bytes it has. */
    static final class Lines {
        private final InputStream in;
        private final byte[] chunk = new byte[1 << 16];
        private int from;
        private int to;

        Lines(InputStream in) {
            this.in = in;
        }

        /** The next line without its line feed, or null at the end; what follows the last line feed is a line if not empty. */
        byte @Nullable [] next() throws IOException {
            byte[] line = {};
            while (from < to || filled()) {
                int end = from;
                while (end < to && chunk[end] != '\n') {
                    end++;
                }
                line = joined(line, end);
                boolean whole = end < to;
                from = whole ? end + 1 : end;
                if (whole) {
                    return line;
                }
            }
            return line.length == 0 ? null : line;
        }

        private boolean filled() throws IOException {
            from = 0;
            to = Math.max(0, in.read(chunk));
            return to > 0;
        }

        private byte[] joined(byte[] line, int end) throws IOException {
            if (line.length > Message.MAXIMUM_PAYLOAD - (end - from)) {
                throw new IOException("A line must have at most " + Message.MAXIMUM_PAYLOAD + " bytes.");
            }
            byte[] longer = Arrays.copyOf(line, line.length + end - from);
            System.arraycopy(chunk, from, longer, line.length, end - from);
            return longer;
        }
    }
}
