package io.hawser.bridge;

import io.hawser.client.Delivery;
import io.hawser.mqtt.Message;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The mark of a received message: its packet identifier and half of the SHA-256 digest of topic and payload. It is
 * the key under which the message is published, so that a later process recognizes it in the session store of the destination.
 */
record Fingerprint(int packetId, long high, long low) {
    static final int BYTES = Integer.BYTES + 2 * Long.BYTES;

    static Fingerprint of(Delivery delivery) {
        return of(delivery.packetId(), delivery.message());
    }

    /** With identifier 0, of the content alone. */
    static Fingerprint of(int packetId, Message message) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(message.topic().getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0); // which no topic has
            digest.update(message.payload());
            ByteBuffer bytes = ByteBuffer.wrap(digest.digest());
            return new Fingerprint(packetId, bytes.getLong(), bytes.getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    static Fingerprint read(ByteBuffer in) {
        return new Fingerprint(in.getInt(), in.getLong(), in.getLong());
    }

    void write(ByteBuffer out) {
        out.putInt(packetId).putLong(high).putLong(low);
    }

    String key() {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        write(bytes);
        return HexFormat.of().formatHex(bytes.array());
    }

    /** @throws IllegalArgumentException if it is not a key that {@link #key} has made */
    static Fingerprint ofKey(String key) {
        byte[] bytes = HexFormat.of().parseHex(key);
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("'" + key + "' is no key of a bridge");
        }
        return read(ByteBuffer.wrap(bytes));
    }

    // Written out: what the JDK makes for records keeps the class that was compared last for ever.
    @Override
    public boolean equals(Object other) {
        return other instanceof Fingerprint that && packetId == that.packetId && high == that.high && low == that.low;
    }

    @Override
    public int hashCode() {
        return (int) (high ^ low) + packetId;
    }
}
