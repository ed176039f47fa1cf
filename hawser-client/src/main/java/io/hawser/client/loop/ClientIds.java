package io.hawser.client.loop;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.SecureRandom;

/** Client identifiers for programs that give none. */
public final class ClientIds {
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";
    private static final int RANDOM = 16;
    /** The random device of Unix: the first {@link SecureRandom} of a process costs as much time as connecting. */
    private static final String SYSTEM = "/dev/urandom";

    private ClientIds() {}

    /**
     * A client identifier of 22 letters and digits, which every broker must accept [MQTT-3.1.3-5]; 16 are random, so
     * that no two clients have the same.
     */
    public static String random() {
        byte[] random = randomBytes(2 * RANDOM);
        StringBuilder id = new StringBuilder("hawser");
        for (int i = 0; i < random.length; i += 2) {
            int number = (random[i] & 0xFF) << 8 | random[i + 1] & 0xFF;
            id.append(ALPHABET.charAt(number % ALPHABET.length()));
        }
        return id.toString();
    }

    private static byte[] randomBytes(int count) {
        try (InputStream system = new FileInputStream(SYSTEM)) {
            byte[] bytes = system.readNBytes(count);
            if (bytes.length == count) {
                return bytes;
            }
        } catch (IOException e) {
            // The system is not a Unix.
        }
        byte[] bytes = new byte[count];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }
}
