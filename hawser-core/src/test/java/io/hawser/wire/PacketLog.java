package io.hawser.wire;

import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.Subscription.RetainHandling;
import io.hawser.mqtt.UserProperty;
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
                + " keepAlive=" + packet.keepAliveSeconds() + will(packet.will()) + credentials(packet.credentials())
                + properties(packet.properties()));
    }

    @Override
    public void connAck(ConnAck packet) {
        lines.add("CONNACK present=" + packet.sessionPresent() + " " + packet.reasonCode()
                + properties(packet.properties()));
    }

    @Override
    public void publish(Message message, int packetId, boolean duplicate) {
        lines.add("PUBLISH " + packetId + dup(duplicate) + " " + message(message));
    }

    @Override
    public void unreadable(Unreadable packet) {
        lines.add("UNREADABLE " + packet.packetId() + dup(packet.duplicate()) + " '" + packet.topic() + "' qos="
                + packet.qos().level() + (packet.refused() ? " refused: " : " mended: ")
                + packet.reason().getMessage());
    }

    @Override
    public void tolerated(String what) {
        lines.add("tolerated " + what);
    }

    @Override
    public void pubAck(int packetId, ReasonCode reasonCode, Properties properties) {
        lines.add("PUBACK " + packetId + " " + reasonCode + properties(properties));
    }

    @Override
    public void pubRec(int packetId, ReasonCode reasonCode, Properties properties) {
        lines.add("PUBREC " + packetId + " " + reasonCode + properties(properties));
    }

    @Override
    public void pubRel(int packetId, ReasonCode reasonCode, Properties properties, boolean duplicate) {
        lines.add("PUBREL " + packetId + " " + reasonCode + dup(duplicate) + properties(properties));
    }

    @Override
    public void pubComp(int packetId, ReasonCode reasonCode, Properties properties) {
        lines.add("PUBCOMP " + packetId + " " + reasonCode + properties(properties));
    }

    @Override
    public void subscribe(Subscribe packet) {
        String subscriptions =
                packet.subscriptions().stream().map(PacketLog::subscription).collect(Collectors.joining(", "));
        lines.add("SUBSCRIBE " + packet.packetId() + dup(packet.duplicate()) + " " + subscriptions
                + properties(packet.properties()));
    }

    @Override
    public void subAck(SubAck packet) {
        lines.add("SUBACK " + packet.packetId() + " " + packet.reasonCodes() + properties(packet.properties()));
    }

    @Override
    public void unsubscribe(Unsubscribe packet) {
        lines.add("UNSUBSCRIBE " + packet.packetId() + dup(packet.duplicate()) + " " + packet.filters()
                + properties(packet.properties()));
    }

    @Override
    public void unsubAck(UnsubAck packet) {
        lines.add("UNSUBACK " + packet.packetId() + " " + packet.reasonCodes() + properties(packet.properties()));
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
    public void disconnect(ReasonCode reasonCode, Properties properties) {
        lines.add("DISCONNECT " + reasonCode + properties(properties));
    }

    @Override
    public void auth(ReasonCode reasonCode, Properties properties) {
        lines.add("AUTH " + reasonCode + properties(properties));
    }

    private static String dup(boolean duplicate) {
        return duplicate ? " dup" : "";
    }

    private static String subscription(Subscription subscription) {
        return subscription.filter() + " at " + subscription.qos().level()
                + (subscription.noLocal() ? " noLocal" : "")
                + (subscription.retainAsPublished() ? " retainAsPublished" : "")
                + (subscription.retainHandling() == RetainHandling.SEND ? "" : " " + subscription.retainHandling())
                + (subscription.identifier() == 0 ? "" : " identifier=" + subscription.identifier());
    }

    private static String will(Will will) {
        return will == null
                ? ""
                : " will=(" + message(will.message())
                        + (will.delay().isZero() ? "" : " delay=" + will.delay().toSeconds()) + ")";
    }

    private static String credentials(Credentials credentials) {
        if (credentials == null) {
            return "";
        }
        byte[] password = credentials.password();
        String userName = credentials.userName();
        return (userName == null ? "" : " user='" + userName + "'")
                + (password == null ? "" : " password=" + bytes(password));
    }

    private static String message(Message message) {
        byte[] correlation = message.correlationData();
        return message.topic() + " qos=" + message.qos().level() + (message.retain() ? " retain " : " ")
                + bytes(message.payloadBytes())
                + (message.utf8() ? " utf8" : "")
                + (message.expiry() == null ? "" : " expiry=" + message.expiry().toSeconds())
                + (message.contentType() == null ? "" : " contentType='" + message.contentType() + "'")
                + (message.responseTopic() == null ? "" : " responseTopic='" + message.responseTopic() + "'")
                + (correlation == null ? "" : " correlation=" + bytes(correlation))
                + userProperties(message.userProperties())
                + (message.subscriptionIdentifiers().isEmpty()
                        ? ""
                        : " identifiers=" + message.subscriptionIdentifiers());
    }

    private static String properties(Properties properties) {
        StringBuilder text = new StringBuilder();
        properties
                .values()
                .forEach((property, value) -> text.append(' ')
                        .append(property)
                        .append('=')
                        .append(value instanceof byte[] data ? bytes(data) : "'" + value + "'"));
        return text + userProperties(properties.userProperties());
    }

    private static String userProperties(List<UserProperty> userProperties) {
        return userProperties.stream()
                .map(each -> " '" + each.name() + "'='" + each.value() + "'")
                .collect(Collectors.joining());
    }

    private static String bytes(byte[] bytes) {
        return bytes.length <= SHOWN_BYTES
                ? "[" + HexFormat.of().formatHex(bytes) + "]"
                : "[" + bytes.length + " bytes, hash " + Arrays.hashCode(bytes) + "]";
    }
}
