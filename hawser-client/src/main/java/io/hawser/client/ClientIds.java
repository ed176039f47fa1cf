package io.hawser.client;

import java.security.SecureRandom;

/** Client identifiers for programs that name none. */
final class ClientIds {
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";

    private ClientIds() {}

    /** 22 letters and digits, which every broker must accept [MQTT-3.1.3-5]; 16 of them random, so that none meet. */
    static String random() {
        SecureRandom random = new SecureRandom();
        StringBuilder id = new StringBuilder("hawser");
        for (int i = 0; i < 16; i++) {
            id.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return id.toString();
    }
}
