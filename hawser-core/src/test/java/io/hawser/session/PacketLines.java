package io.hawser.session;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ReasonCode;
import io.hawser.wire.ConnAck;
import io.hawser.wire.Connect;
import io.hawser.wire.PacketSink;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import io.hawser.wire.SubAck;
import io.hawser.wire.Subscribe;
import io.hawser.wire.UnsubAck;
import io.hawser.wire.Unsubscribe;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Writes down each packet as a short line, and hands it on, so that nothing is transmitted that cannot be encoded. */
final class PacketLines implements PacketSink {
    private static final int SHOWN = 20;

    private final Consumer<String> lines;
    private final PacketSink next;
    /** The last of its kind. */
    Connect connect;

    Message published;
    Subscribe subscribed;

    PacketLines(Consumer<String> lines, PacketSink next) {
        this.lines = lines;
        this.next = next;
    }

    static String name(Message message) {
        return message.payloadSize() <= SHOWN ? message.text() : message.payloadSize() + " bytes";
    }

    private void line(String line) {
        lines.accept("> " + line);
    }

    private static String dup(boolean duplicate) {
        return duplicate ? " dup" : "";
    }

    private static String because(ReasonCode reasonCode) {
        return reasonCode == ReasonCode.SUCCESS ? "" : " " + reasonCode;
    }

    private static String words(Properties properties) {
        return (properties.reasonString().isEmpty() ? "" : " '" + properties.reasonString() + "'")
                + (properties.userProperties().isEmpty() ? "" : " " + properties.userProperties());
    }

    @Override
    public void connect(Connect packet) {
        next.connect(packet);
        connect = packet;
        line("CONNECT " + packet.version() + (packet.cleanSession() ? " clean" : "")
                + (packet.will() == null
                        ? ""
                        : " will=" + packet.will().message().text())
                + (packet.credentials() == null
                        ? ""
                        : " user=" + packet.credentials().userName()));
    }

    @Override
    public void publish(Message message, int packetId, boolean duplicate) {
        next.publish(message, packetId, duplicate);
        published = message;
        line("PUBLISH " + name(message) + " q" + message.qos().level() + (packetId == 0 ? "" : " #" + packetId)
                + dup(duplicate));
    }

    @Override
    public void pubAck(int packetId, ReasonCode reasonCode, Properties properties) {
        next.pubAck(packetId, reasonCode, properties);
        line("PUBACK #" + packetId + because(reasonCode) + words(properties));
    }

    @Override
    public void pubRec(int packetId, ReasonCode reasonCode, Properties properties) {
        next.pubRec(packetId, reasonCode, properties);
        line("PUBREC #" + packetId + because(reasonCode) + words(properties));
    }

    @Override
    public void pubRel(int packetId, ReasonCode reasonCode, Properties properties, boolean duplicate) {
        next.pubRel(packetId, reasonCode, properties, duplicate);
        line("PUBREL #" + packetId + because(reasonCode) + dup(duplicate));
    }

    @Override
    public void pubComp(int packetId, ReasonCode reasonCode, Properties properties) {
        next.pubComp(packetId, reasonCode, properties);
        line("PUBCOMP #" + packetId + because(reasonCode));
    }

    @Override
    public void subscribe(Subscribe packet) {
        next.subscribe(packet);
        subscribed = packet;
        String filters = packet.subscriptions().stream()
                .map(s -> s.filter() + ":" + s.qos().level())
                .collect(Collectors.joining(" "));
        line("SUBSCRIBE #" + packet.packetId() + dup(packet.duplicate()) + " " + filters + words(packet.properties()));
    }

    @Override
    public void unsubscribe(Unsubscribe packet) {
        next.unsubscribe(packet);
        String filters = packet.filters().stream().map(Object::toString).collect(Collectors.joining(" "));
        line("UNSUBSCRIBE #" + packet.packetId() + dup(packet.duplicate()) + " " + filters
                + words(packet.properties()));
    }

    @Override
    public void pingReq() {
        next.pingReq();
        line("PINGREQ");
    }

    @Override
    public void disconnect(ReasonCode reasonCode, Properties properties) {
        next.disconnect(reasonCode, properties);
        line("DISCONNECT" + because(reasonCode)
                + (properties.has(Property.SESSION_EXPIRY_INTERVAL)
                        ? " expiry " + properties.number(Property.SESSION_EXPIRY_INTERVAL, 0)
                        : "")
                + words(properties));
    }

    @Override
    public void auth(ReasonCode reasonCode, Properties properties) {
        next.auth(reasonCode, properties);
        byte[] data = properties.binary(Property.AUTHENTICATION_DATA);
        line("AUTH" + because(reasonCode) + " " + properties.text(Property.AUTHENTICATION_METHOD)
                + (data == null ? "" : " " + new String(data, StandardCharsets.UTF_8)));
    }

    @Override
    public void connAck(ConnAck packet) {
        throw new AssertionError("a client sends no CONNACK");
    }

    @Override
    public void subAck(SubAck packet) {
        throw new AssertionError("a client sends no SUBACK");
    }

    @Override
    public void unsubAck(UnsubAck packet) {
        throw new AssertionError("a client sends no UNSUBACK");
    }

    @Override
    public void pingResp() {
        throw new AssertionError("a client sends no PINGRESP");
    }
}
