package io.hawser.wire;

import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.Will;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/** Writes down each packet as one line of text that shows all of it. */
final class PacketLog implements PacketSink {
    private static final int SHOWN_BYTES = 64;

    final List<String> lines = new ArrayList<>();

    @Override
    public void connect(Connect packet) {
        lines.add("CONNECT " + packet.version() + " id='" + packet.clientId() + "' clean=" + packet.cleanSession()
                + " keepAlive=" + packet.keepAliveSeconds() + will(packet.will()) + credentials(packet.credentials()));
    }

    @Override
    public void connAck(ConnAck packet) {
        lines.add("CONNACK present=" + packet.sessionPresent() + " " + packet.reasonCode());
    }

    @Override
    public void publish(Message message, int packetId, boolean duplicate) {
        lines.add("PUBLISH " + packetId + dup(duplicate) + " " + message(message));
    }

    @Override
    public void pubAck(int packetId, ReasonCode reasonCode) {
        lines.add("PUBACK " + packetId + " " + reasonCode);
    }

    @Override
    public void pubRec(int packetId, ReasonCode reasonCode) {
        lines.add("PUBREC " + packetId + " " + reasonCode);
    }

    @Override
    public void pubRel(int packetId, ReasonCode reasonCode, boolean duplicate) {
        lines.add("PUBREL " + packetId + " " + reasonCode + dup(duplicate));
    }

    @Override
    public void pubComp(int packetId, ReasonCode reasonCode) {
        lines.add("PUBCOMP " + packetId + " " + reasonCode);
    }

    @Override
    public void subscribe(Subscribe packet) {
        String subscriptions =
                packet.subscriptions().stream().map(PacketLog::subscription).collect(Collectors.joining(", "));
        lines.add("SUBSCRIBE " + packet.packetId() + dup(packet.duplicate()) + " " + subscriptions);
    }

    @Override
    public void subAck(SubAck packet) {
        lines.add("SUBACK " + packet.packetId() + " " + packet.reasonCodes());
    }

    @Override
    public void unsubscribe(Unsubscribe packet) {
        lines.add("UNSUBSCRIBE " + packet.packetId() + dup(packet.duplicate()) + " " + packet.filters());
    }

    @Override
    public void unsubAck(UnsubAck packet) {
        lines.add("UNSUBACK " + packet.packetId() + " " + packet.reasonCodes());
    }

    @Override
    public void pingReq() {
        lines.add("PINGREQ");
    }

    @Override
    public void pingResp() {
        lines.add("PINGRESP");
    }

    @Override
    public void disconnect(ReasonCode reasonCode) {
        lines.add("DISCONNECT " + reasonCode);
    }

    private static String dup(boolean duplicate) {
        return duplicate ? " dup" : "";
    }

    private static String subscription(Subscription subscription) {
        return subscription.filter() + " at " + subscription.qos().level();
    }

    private static String will(Will will) {
        return will == null ? "" : " will=(" + message(will.message()) + ")";
    }

    private static String credentials(Credentials credentials) {
        if (credentials == null) {
            return "";
        }
        byte[] password = credentials.password();
        return " user='" + credentials.userName() + "'" + (password == null ? "" : " password=" + bytes(password));
    }

    private static String message(Message message) {
        return message.topic() + " qos=" + message.qos().level() + (message.retain() ? " retain " : " ")
                + bytes(message.payloadBytes());
    }

    private static String bytes(byte[] bytes) {
        return bytes.length <= SHOWN_BYTES
                ? "[" + HexFormat.of().formatHex(bytes) + "]"
                : "[" + bytes.length + " bytes, hash " + Arrays.hashCode(bytes) + "]";
    }
}
