package io.hawser.wire;

import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Will;
import io.hawser.text.Utf8;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A writer of CONNECT: prepares all fields first, so that a packet that cannot be sent is rejected before anything is
 * written.
 */
final class ConnectWriter {
    private final Connect packet;
    private final PropertyWriter properties;
    private final byte[] protocolName;
    private final byte[] clientId;
    private final byte @Nullable [] userName;
    private final byte @Nullable [] password;

    ConnectWriter(Connect packet, PropertyWriter properties) {
        this.packet = packet;
        this.properties = properties;
        ProtocolVersion version = packet.version();
        protocolName = Utf8.encode("protocol name", version.protocolName());
        clientId = Utf8.encode("client identifier", packet.clientId());
        int keepAlive = packet.keepAliveSeconds();
        if (keepAlive < 0 || keepAlive > 65_535) {
            throw Frames.refused(
                    PacketType.CONNECT, "has a keep alive of " + keepAlive + " seconds, must be 0 to 65535");
        }
        Credentials credentials = packet.credentials();
        String name = credentials == null ? null : credentials.userName();
        userName = name == null ? null : Utf8.encode("user name", name);
        password = credentials == null ? null : credentials.password();
        if (password != null && userName == null && version != ProtocolVersion.MQTT_5) {
            throw Frames.refused(
                    PacketType.CONNECT,
                    "has a password without a user name, for which MQTT " + version + " has no room [MQTT-3.1.2-22]");
        }
    }

    long length() {
        long length = 2L + protocolName.length + 1 + 1 + 2 + 2 + clientId.length;
        length += properties.section(PacketType.CONNECT, packet.properties());
        Will will = packet.will();
        if (will != null) {
            length += properties.section(will);
            length += 2 + will.message().topicName().sizeInBytes();
            length += 2 + will.message().payloadSize();
        }
        return length + (userName == null ? 0 : 2 + userName.length) + (password == null ? 0 : 2 + password.length);
    }

    void put(ByteBuffer out) {
        putBinary(out, protocolName);
        out.put((byte) packet.version().level()).put((byte) flags()).putShort((short) packet.keepAliveSeconds());
        properties.put(out, packet.properties());
        putBinary(out, clientId);
        Will will = packet.will();
        if (will != null) {
            properties.put(out, will);
            Message message = will.message();
            out.putShort((short) message.topicName().sizeInBytes());
            message.topicName().copyTo(out);
            out.putShort((short) message.payloadSize());
            message.copyPayload(0, message.payloadSize(), out);
        }
        if (userName != null) {
            putBinary(out, userName);
        }
        if (password != null) {
            putBinary(out, password);
        }
    }

    private int flags() {
        Will will = packet.will();
        return (packet.cleanSession() ? ConnectFlags.CLEAN_SESSION : 0)
                | (will == null ? 0 : ConnectFlags.of(will))
                | (userName == null ? 0 : ConnectFlags.USER_NAME)
                | (password == null ? 0 : ConnectFlags.PASSWORD);
    }

    private static void putBinary(ByteBuffer out, byte[] bytes) {
        out.putShort((short) bytes.length).put(bytes);
    }
}
