package io.hawser.wire;

import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.UserProperty;
import io.hawser.mqtt.Will;
import io.hawser.text.Utf8;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A sink that writes a line for each packet and hands the packet on: before the line where the next sink writes packets, so that only what
 * was written has a line, and after it where the next sink acts on packets. A line has all fields of its packet but payloads, passwords,
 * and authentication data; control characters are escaped. Topic aliases never leave the codec: a line shows the topic.
 */
public final class PacketTrace implements PacketSink {
    private static final String HIDDEN = "(hidden)";

    private final Consumer<String> lines;
    private final PacketSink next;
    private final boolean isNextFirst;

    private PacketTrace(Consumer<String> lines, PacketSink next, boolean isNextFirst) {
        this.lines = lines;
        this.next = next;
        this.isNextFirst = isNextFirst;
    }

    /** A trace of what is written by {@code encoder}. */
    public static PacketTrace sending(PacketSink encoder, Consumer<String> lines) {
        return new PacketTrace(lines, encoder, true);
    }

    /** A trace of what was read, which {@code reader} acts on. */
    public static PacketTrace receiving(PacketSink reader, Consumer<String> lines) {
        return new PacketTrace(lines, reader, false);
    }

    private void trace(String line, Runnable handOn) {
        if (isNextFirst) {
            handOn.run();
        }
        lines.accept(Utf8.printable(line));
        if (!isNextFirst) {
            handOn.run();
        }
    }

    @Override
    public void connect(Connect packet) {
        trace(
                "CONNECT " + packet.version() + " id='" + packet.clientId() + "' clean=" + packet.cleanSession()
                        + " keepAlive=" + packet.keepAliveSeconds() + will(packet.will())
                        + credentials(packet.credentials()) + properties(packet.properties()),
                () -> next.connect(packet));
    }

    @Override
    public void connAck(ConnAck packet) {
        trace(
                "CONNACK present=" + packet.sessionPresent() + " " + packet.reasonCode()
                        + properties(packet.properties()),
                () -> next.connAck(packet));
    }

    @Override
    public void publish(Message message, int packetId, boolean duplicate) {
        trace(
                "PUBLISH " + packetId + dup(duplicate) + " " + message(message),
                () -> next.publish(message, packetId, duplicate));
    }

    @Override
    public void unreadable(Unreadable packet) {
        trace(
                "PUBLISH " + packet.packetId() + dup(packet.duplicate()) + " '" + packet.topic() + "' qos="
                        + packet.qos().level() + (packet.refused() ? " unreadable: " : " mended: ")
                        + packet.reason().getMessage(),
                () -> next.unreadable(packet));
    }

    @Override
    public void tolerated(String what) {
        next.tolerated(what);
    }

    @Override
    public void pubAck(int packetId, ReasonCode reasonCode, Properties properties) {
        trace(answer("PUBACK ", packetId, reasonCode, properties), () -> next.pubAck(packetId, reasonCode, properties));
    }

    @Override
    public void pubRec(int packetId, ReasonCode reasonCode, Properties properties) {
        trace(answer("PUBREC ", packetId, reasonCode, properties), () -> next.pubRec(packetId, reasonCode, properties));
    }

    @Override
    public void pubRel(int packetId, ReasonCode reasonCode, Properties properties, boolean duplicate) {
        trace(
                "PUBREL " + packetId + " " + reasonCode + dup(duplicate) + properties(properties),
                () -> next.pubRel(packetId, reasonCode, properties, duplicate));
    }

    @Override
    public void pubComp(int packetId, ReasonCode reasonCode, Properties properties) {
        trace(
                answer("PUBCOMP ", packetId, reasonCode, properties),
                () -> next.pubComp(packetId, reasonCode, properties));
    }

    private static String answer(String packet, int packetId, ReasonCode reasonCode, Properties properties) {
        return packet + packetId + " " + reasonCode + properties(properties);
    }

    @Override
    public void subscribe(Subscribe packet) {
        String subscriptions =
                packet.subscriptions().stream().map(PacketTrace::subscription).collect(Collectors.joining(", "));
        trace(
                "SUBSCRIBE " + packet.packetId() + dup(packet.duplicate()) + " " + subscriptions
                        + properties(packet.properties()),
                () -> next.subscribe(packet));
    }

    @Override
    public void subAck(SubAck packet) {
        trace(
                "SUBACK " + packet.packetId() + " " + packet.reasonCodes() + properties(packet.properties()),
                () -> next.subAck(packet));
    }

    @Override
    public void unsubscribe(Unsubscribe packet) {
        trace(
                "UNSUBSCRIBE " + packet.packetId() + dup(packet.duplicate()) + " " + packet.filters()
                        + properties(packet.properties()),
                () -> next.unsubscribe(packet));
    }

    @Override
    public void unsubAck(UnsubAck packet) {
        trace(
                "UNSUBACK " + packet.packetId() + " " + packet.reasonCodes() + properties(packet.properties()),
                () -> next.unsubAck(packet));
    }

    @Override
    public void pingReq() {
        trace("PINGREQ", next::pingReq);
    }

    @Override
    public void pingResp() {
        trace("PINGRESP", next::pingResp);
    }

    @Override
    public void disconnect(ReasonCode reasonCode, Properties properties) {
        trace("DISCONNECT " + reasonCode + properties(properties), () -> next.disconnect(reasonCode, properties));
    }

    @Override
    public void auth(ReasonCode reasonCode, Properties properties) {
        trace("AUTH " + reasonCode + properties(properties), () -> next.auth(reasonCode, properties));
    }

    private static String dup(boolean duplicate) {
        return duplicate ? " dup" : "";
    }

    private static String subscription(Subscription subscription) {
        return subscription.filter() + " at " + subscription.qos().level()
                + (subscription.noLocal() ? " noLocal" : "")
                + (subscription.retainAsPublished() ? " retainAsPublished" : "")
                + (subscription.hasRetainHandling() ? " " + subscription.retainHandling() : "")
                + (subscription.identifier() == 0 ? "" : " identifier=" + subscription.identifier());
    }

    private static String will(@Nullable Will will) {
        return will == null
                ? ""
                : " will=(" + message(will.message())
                        + (will.delay().isZero() ? "" : " delay=" + will.delay().toSeconds()) + ")";
    }

    private static String credentials(@Nullable Credentials credentials) {
        return credentials == null
                ? ""
                : (credentials.userName() == null ? "" : " user='" + credentials.userName() + "'")
                        + (credentials.password() == null ? "" : " password=" + HIDDEN);
    }

    private static String message(Message message) {
        byte[] correlation = message.correlationData();
        return message.topic() + " qos=" + message.qos().level() + (message.retain() ? " retain " : " ")
                + bytes(message.payloadSize())
                + (message.utf8() ? " utf8" : "")
                + (message.expiry() == null ? "" : " expiry=" + message.expiry().toSeconds())
                + (message.contentType() == null ? "" : " contentType='" + message.contentType() + "'")
                + (message.responseTopic() == null ? "" : " responseTopic='" + message.responseTopic() + "'")
                + (correlation == null ? "" : " correlation=" + bytes(correlation.length))
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
                        .append(property == Property.AUTHENTICATION_DATA ? HIDDEN : "'" + value + "'"));
        return text + userProperties(properties.userProperties());
    }

    private static String userProperties(List<UserProperty> userProperties) {
        return userProperties.stream()
                .map(each -> " '" + each.name() + "'='" + each.value() + "'")
                .collect(Collectors.joining());
    }

    private static String bytes(int size) {
        return "(" + size + " bytes)";
    }
}
