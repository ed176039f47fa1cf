package io.hawser.store.file;

import io.hawser.mqtt.StoreException;
import io.hawser.text.Utf8;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/** The names of files and directories of a file store. */
final class FileNames {
    static final String CLIENT = "client";
    static final String LOCK = "lock";
    static final String QUARANTINE = "quarantine";
    static final String TEMPORARY = ".tmp";
    /** The beginning of the name of a file that is created only to see who owns it. */
    static final String PROBE = "owner";
    /** A file to be used again for the next segment. */
    static final String SPARE = "spare" + TEMPORARY;

    private static final String LOG = ".log";
    private static final int DIGITS = 16;

    private FileNames() {}

    /** The name of the directory of a session: 64 hexadecimal digits, which every file system keeps apart. */
    static String session(String clientId) {
        return hash(clientId.getBytes(StandardCharsets.UTF_8));
    }

    private static String hash(byte[] clientId) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(clientId));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    static String segment(long number) {
        return HexFormat.of().toHexDigits(number) + LOG;
    }

    /** The numbers of the segments among these files. */
    static NavigableSet<Long> segments(Iterable<String> names) {
        NavigableSet<Long> numbers = new TreeSet<>();
        for (String name : names) {
            if (name.length() == DIGITS + LOG.length() && name.endsWith(LOG)) {
                try {
                    numbers.add(HexFormat.fromHexDigitsToLong(name, 0, DIGITS));
                } catch (NumberFormatException e) {
                    // somebody else's file
                }
            }
        }
        return numbers;
    }

    static boolean isSession(String name) {
        return name.length() == 64;
    }

    /** The client identifier that the directory says it is for, if it says so; an identifier may be empty. */
    static Optional<String> clientId(FileSystem disk, Path session) throws IOException {
        if (!disk.list(session).contains(CLIENT)) {
            return Optional.empty();
        }
        byte[] bytes;
        try (FileSystem.Handle file = disk.open(session.resolve(CLIENT), false)) {
            ByteBuffer content = ByteBuffer.allocate((int) Math.min(file.length(), 65_536));
            file.read(0, content);
            bytes = content.array();
        }
        String clientId = new String(bytes, StandardCharsets.UTF_8);
        if (!hash(bytes).equals(String.valueOf(session.getFileName()))) {
            throw new StoreException(
                    "the directory " + session + " belongs to another client than '" + Utf8.printable(clientId)
                            + "', which it names",
                    null);
        }
        return Optional.of(clientId);
    }

    /** The exception that tells of damage in a session. */
    static StoreException damaged(Path session, List<String> damage) {
        return new StoreException(
                "the stored session in " + session
                        + " was damaged; what could be read is kept, damaged files were copied to "
                        + session.resolve(QUARANTINE) + ": " + String.join("; ", damage),
                null);
    }
}
