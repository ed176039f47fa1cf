package io.hawser.client.transport;

import io.hawser.text.Urls;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The head of an HTTP answer, read as it arrives, up to its empty line and no further: what follows belongs to another protocol.
 * Interim answers (100, 102, 103) are skipped.
 */
final class HttpHead {
    /** The largest head that is kept: twice the 8 KiB that Tomcat and nginx allow. */
    static final int MOST_BYTES = 16 * 1024;

    private static final byte[] BEGINNING = "HTTP/1.".getBytes(StandardCharsets.US_ASCII);
    private static final int FIRST_BYTES = 512;
    private static final int TLS_ALERT = 21;
    private static final int SWITCHING = 101;

    private static final Map<Integer, String> MEANINGS = Map.ofEntries(
            Map.entry(400, "it does not understand the request"),
            Map.entry(401, "it wants credentials, or others than these"),
            Map.entry(403, "it forbids this"),
            Map.entry(404, "it has nothing at this path"),
            Map.entry(405, "it allows no such request at this path"),
            Map.entry(407, "the proxy wants credentials, or others than these"),
            Map.entry(426, "it wants another protocol or version"),
            Map.entry(429, "it got too many requests"),
            Map.entry(500, "it failed"),
            Map.entry(502, "the server behind it cannot be reached"),
            Map.entry(503, "it is not available now"),
            Map.entry(504, "the server behind it does not answer"));

    private final Secrets secrets;
    private byte[] bytes = new byte[FIRST_BYTES];
    private int size;
    private int lineStart;
    private int read;
    private int status;
    private String reason = "";
    private final Map<String, String> headers = new LinkedHashMap<>();
    private boolean complete;

    /** @param secrets are left out of the texts */
    HttpHead(Secrets secrets) {
        this.secrets = secrets;
    }

    /**
     * Takes what belongs to the head; the rest stays.
     *
     * @return whether the head is complete
     * @throws ProtocolException if it is no head of HTTP/1, or too large
     */
    boolean read(ByteBuffer from) throws ProtocolException {
        while (!complete && from.hasRemaining()) {
            byte next = from.get();
            if (++read > MOST_BYTES) {
                throw new ProtocolException("the head of its HTTP answer has more than " + MOST_BYTES + " bytes");
            }
            add(next);
            if (status == 0 && lineStart == 0 && size <= BEGINNING.length && next != BEGINNING[size - 1]) {
                throw notHttp();
            }
            if (next == '\n') {
                take(line());
            }
        }
        return complete;
    }

    private void add(byte next) {
        if (size == bytes.length) {
            bytes = Arrays.copyOf(bytes, 2 * size);
        }
        bytes[size++] = next;
    }

    private ProtocolException notHttp() {
        return new ProtocolException(
                bytes[0] == TLS_ALERT
                        ? "it answers with TLS, where HTTP without TLS was tried"
                        : "it does not answer with HTTP, but with bytes that begin with 0x"
                                + HexFormat.of().formatHex(bytes, 0, size));
    }

    /** The line that has just ended, without its end. */
    private String line() {
        int end = size - 1;
        if (end > lineStart && bytes[end - 1] == '\r') {
            end--;
        }
        String line = new String(bytes, lineStart, end - lineStart, StandardCharsets.ISO_8859_1);
        lineStart = size;
        return line;
    }

    private void take(String line) throws ProtocolException {
        for (int i = 0; i < line.length(); i++) {
            if (line.charAt(i) < ' ' && line.charAt(i) != '\t' || line.charAt(i) == 0x7f) {
                throw new ProtocolException("a line of its HTTP answer has control characters");
            }
        }
        if (status == 0) {
            statusLine(line);
        } else if (line.isEmpty()) {
            end();
        } else {
            addHeader(line);
        }
    }

    private void statusLine(String line) throws ProtocolException {
        // HTTP/1.1 101 Switching Protocols
        if (!line.matches("HTTP/1\\.[0-9] [1-5][0-9][0-9]( .*)?")) {
            throw new ProtocolException("its HTTP answer begins with a malformed line: " + shown(line));
        }
        status = Integer.parseInt(line.substring(9, 12));
        reason = line.substring(12).strip();
    }

    private void addHeader(String line) throws ProtocolException {
        int colon = line.indexOf(':');
        String name = colon < 0 ? "" : line.substring(0, colon);
        if (!HttpText.isToken(name)) {
            throw new ProtocolException("its HTTP answer has a malformed header");
        }
        headers.merge(
                name.toLowerCase(Locale.ROOT), line.substring(colon + 1).strip(), (one, other) -> one + ", " + other);
    }

    private void end() {
        if (status < 200 && status != SWITCHING) {
            status = 0;
            headers.clear();
            size = 0;
            lineStart = 0;
        } else {
            complete = true;
        }
    }

    int status() {
        return status;
    }

    /** The value of a header, several of the same name joined by commas; null if there is none. */
    @Nullable
    String header(String name) {
        return headers.get(name.toLowerCase(Locale.ROOT));
    }

    /** Whether a header with a list of words has this one, in whatever case. */
    boolean has(String name, String word) {
        String list = header(name);
        if (list == null) {
            return false;
        }
        for (String each : list.split(",", -1)) {
            if (each.strip().equalsIgnoreCase(word)) {
                return true;
            }
        }
        return false;
    }

    /** What the status means, with what the server itself says, and where it would have the client go. */
    String words() {
        String said = reason.isEmpty() ? "" : " " + shown(reason);
        String location = header("Location");
        if (status >= 300 && status < 400) {
            String where = location == null ? "elsewhere" : "to " + Urls.withoutSecrets(shown(location));
            return "it redirects " + where + ", which is not followed (HTTP " + status + said + ")";
        }
        String meaning = MEANINGS.get(status);
        return (meaning == null ? "it refuses" : meaning) + " (HTTP " + status + said + ")";
    }

    /** Text of the server, without what is secret, made safe and short. */
    String shown(String text) {
        return secrets.shown(text);
    }
}
