package io.hawser.wire;

import static io.hawser.mqtt.ProtocolVersion.MQTT_3_1;
import static io.hawser.mqtt.ProtocolVersion.MQTT_3_1_1;
import static io.hawser.mqtt.ProtocolVersion.MQTT_5;
import static io.hawser.mqtt.ReasonCode.SUCCESS;
import static io.hawser.wire.Properties.NONE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.Subscription.RetainHandling;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.TopicName;
import io.hawser.mqtt.UserProperty;
import io.hawser.mqtt.Will;
import java.time.Duration;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the encoder does about MQTT 5.0 beside writing the rows of {@link CodecTable5}. */
class PacketEncoder5Test {
    private static final Properties WHY = NONE.with(Property.REASON_STRING, "why");
    private static final Properties WHY_AT_LENGTH = WHY.with(List.of(new UserProperty("name", "value")));
    private static final Properties DATA = NONE.with(Property.AUTHENTICATION_DATA, new byte[1]);

    private final Collected out = new Collected();

    static Stream<Arguments> refusals() {
        Subscription a = Subscription.to("a");
        Message message = Message.of("a", "x");
        Properties identified = NONE.with(Property.SUBSCRIPTION_IDENTIFIER, 1);
        return Stream.of(
                refusal(
                        "PUBLISH has packet identifier 0, must be 1 to 65535 [MQTT-2.2.1-3]",
                        s -> s.publish(message, 0, false)),
                refusal(
                        "PUBLISH at QoS 0 has packet identifier 1, must have none [MQTT-2.2.1-2]",
                        s -> s.publish(message.qos(Qos.AT_MOST_ONCE), 1, false)),
                refusal("[MQTT-3.8.3-2]", s -> s.subscribe(new Subscribe(1, List.of(), NONE, false))),
                refusal(
                        "SUBSCRIBE has subscriptions with the identifiers 1 and 2, all must have the same",
                        s -> s.subscribe(new Subscribe(1, List.of(a.identifier(1), a.identifier(2)), NONE, false))),
                refusal(
                        "SUBSCRIBE has SUBSCRIPTION_IDENTIFIER, which belongs to its subscriptions",
                        s -> s.subscribe(new Subscribe(1, List.of(a), identified, false))),
                refusal("SUBSCRIBE has REASON_STRING", s -> s.subscribe(new Subscribe(1, List.of(a), WHY, false))),
                refusal("UNSUBSCRIBE has REASON_STRING", s -> s.unsubscribe(unsubscribe(WHY))),
                refusal("[MQTT-3.8.4-6]", s -> s.subAck(new SubAck(1, List.of(), NONE))),
                refusal(
                        "SUBACK has reason code SERVER_BUSY, must not [MQTT-3.9.3-2]",
                        s -> s.subAck(new SubAck(1, List.of(ReasonCode.SERVER_BUSY), NONE))),
                refusal("UNSUBACK has no reason code", s -> s.unsubAck(new UnsubAck(1, List.of(), NONE))),
                refusal(
                        "UNSUBACK has reason code QUOTA_EXCEEDED, must not [MQTT-3.11.3-2]",
                        s -> s.unsubAck(new UnsubAck(1, List.of(ReasonCode.QUOTA_EXCEEDED), NONE))),
                refusal(
                        "CONNACK refuses with a session present [MQTT-3.2.2-6]",
                        s -> s.connAck(new ConnAck(true, ReasonCode.NOT_AUTHORIZED, NONE))),
                refusal(
                        "CONNACK has reason code SESSION_TAKEN_OVER, must not [MQTT-3.2.2-8]",
                        s -> s.connAck(new ConnAck(false, ReasonCode.SESSION_TAKEN_OVER, NONE))),
                refusal(
                        "CONNACK has TOPIC_ALIAS, which does not belong there",
                        s -> s.connAck(new ConnAck(false, SUCCESS, NONE.with(Property.TOPIC_ALIAS, 1)))),
                refusal(
                        "CONNACK has AUTHENTICATION_DATA without AUTHENTICATION_METHOD",
                        s -> s.connAck(new ConnAck(false, SUCCESS, DATA))),
                refusal("CONNECT has AUTHENTICATION_DATA without AUTHENTICATION_METHOD", s -> s.connect(connect(DATA))),
                refusal(
                        "CONNECT has WILL_DELAY_INTERVAL, which does not belong there",
                        s -> s.connect(connect(NONE.with(Property.WILL_DELAY_INTERVAL, 1)))),
                refusal(
                        "PUBACK has reason code PACKET_IDENTIFIER_NOT_FOUND, must not [MQTT-3.4.2-1]",
                        s -> s.pubAck(1, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND, NONE)),
                refusal(
                        "PUBREC has SERVER_REFERENCE",
                        s -> s.pubRec(1, SUCCESS, NONE.with(Property.SERVER_REFERENCE, ""))),
                refusal(
                        "PUBREL has reason code NOT_AUTHORIZED",
                        s -> s.pubRel(1, ReasonCode.NOT_AUTHORIZED, NONE, false)),
                refusal("PUBCOMP has packet identifier 0", s -> s.pubComp(0, SUCCESS, WHY)),
                refusal(
                        "DISCONNECT has reason code BANNED, must not [MQTT-3.14.2-1]",
                        s -> s.disconnect(ReasonCode.BANNED, NONE)),
                refusal("AUTH has no AUTHENTICATION_METHOD", s -> s.auth(ReasonCode.CONTINUE_AUTHENTICATION, NONE)),
                refusal("AUTH has no AUTHENTICATION_METHOD", s -> s.auth(SUCCESS, WHY)),
                refusal(
                        "AUTH has reason code NOT_AUTHORIZED, must not [MQTT-3.15.2-1]",
                        s -> s.auth(ReasonCode.NOT_AUTHORIZED, NONE.with(Property.AUTHENTICATION_METHOD, "m"))));
    }

    private static Arguments refusal(String words, Consumer<PacketSink> packet) {
        return Arguments.of(words, packet);
    }

    private static Connect connect(Properties properties) {
        return new Connect(MQTT_5, "c", true, 60, null, null, properties);
    }

    private static Unsubscribe unsubscribe(Properties properties) {
        return new Unsubscribe(1, List.of(TopicFilter.of("a")), properties, false);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusals")
    void refusesBeforeAnythingIsWritten(String words, Consumer<PacketSink> packet) {
        assertRefused(MQTT_5, words, packet);
    }

    private void assertRefused(ProtocolVersion version, String words, Consumer<PacketSink> packet) {
        PacketEncoder encoder = new PacketEncoder(version, out);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> packet.accept(encoder))
                .withMessageContaining(words);
        assertThat(out.rooms).isZero();
        assertThat(out.bytes()).isEmpty();
    }

    static Stream<Arguments> onlyIn5() {
        Message plain = Message.of("a", "x");
        Subscription a = Subscription.to("a");
        return Stream.of(
                attribute("PAYLOAD_FORMAT_INDICATOR", m -> m.utf8(true)),
                attribute("MESSAGE_EXPIRY_INTERVAL", m -> m.expiry(Duration.ofSeconds(1))),
                attribute("CONTENT_TYPE", m -> m.contentType("t")),
                attribute("RESPONSE_TOPIC", m -> m.responseTopic("r")),
                attribute("CORRELATION_DATA", m -> m.correlationData(new byte[1])),
                attribute("USER_PROPERTY", m -> m.userProperty("k", "v")),
                will("WILL_DELAY_INTERVAL", Will.of(plain).delay(Duration.ofSeconds(1))),
                will("MESSAGE_EXPIRY_INTERVAL", Will.of(plain.expiry(Duration.ZERO))),
                subscription(a.noLocal(true)),
                subscription(a.retainAsPublished(true)),
                subscription(a.retainHandling(RetainHandling.DO_NOT_SEND)),
                onlyIn5("SUBSCRIBE has SUBSCRIPTION_IDENTIFIER", s -> s.subscribe(subscribe(a.identifier(1)))),
                onlyIn5("UNSUBSCRIBE has USER_PROPERTY", s -> s.unsubscribe(unsubscribe(userProperty()))),
                onlyIn5("PUBACK has REASON_STRING", s -> s.pubAck(1, SUCCESS, WHY)),
                onlyIn5("PUBREC has reason code QUOTA_EXCEEDED", s -> s.pubRec(1, ReasonCode.QUOTA_EXCEEDED, NONE)),
                onlyIn5("CONNACK has REASON_STRING", s -> s.connAck(new ConnAck(false, SUCCESS, WHY))),
                onlyIn5("SUBACK has REASON_STRING", s -> s.subAck(new SubAck(1, List.of(SUCCESS), WHY))),
                onlyIn5("UNSUBACK has REASON_STRING", s -> s.unsubAck(new UnsubAck(1, List.of(), WHY))),
                onlyIn5("DISCONNECT has REASON_STRING", s -> s.disconnect(SUCCESS, WHY)));
    }

    private static Properties userProperty() {
        return NONE.with(List.of(new UserProperty("k", "v")));
    }

    private static Arguments attribute(String property, UnaryOperator<Message> change) {
        Message message = change.apply(Message.of("a", "x"));
        return onlyIn5("PUBLISH has " + property, s -> s.publish(message, 1, false));
    }

    private static Arguments will(String property, Will will) {
        return Arguments.of("CONNECT has " + property, (Consumer<PacketSink>)
                s -> s.connect(new Connect(MQTT_3_1_1, "c", true, 60, will, null, NONE)));
    }

    private static Arguments subscription(Subscription subscription) {
        return onlyIn5("SUBSCRIBE has a subscription with noLocal,", s -> s.subscribe(subscribe(subscription)));
    }

    private static Subscribe subscribe(Subscription subscription) {
        return new Subscribe(1, List.of(subscription), NONE, false);
    }

    private static Arguments onlyIn5(String words, Consumer<PacketSink> packet) {
        return Arguments.of(words, packet);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("onlyIn5")
    void refusesIn3WhatOnly5CanSay(String words, Consumer<PacketSink> packet) {
        assertRefused(MQTT_3_1_1, words, packet);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> packet.accept(new PacketEncoder(MQTT_3_1_1, out)))
                .withMessageContaining("for which MQTT 3.1.1 has no room");
    }

    @Test
    void refusesIn3APasswordWithoutUserNameAndAuth() {
        Connect packet = new Connect(MQTT_3_1, "c", true, 60, null, Credentials.ofPassword(new byte[1]), NONE);
        assertRefused(MQTT_3_1, "CONNECT has a password without a user name", s -> s.connect(packet));
        assertRefused(MQTT_3_1_1, "AUTH is unknown to MQTT 3.1.1", s -> s.auth(SUCCESS, NONE));
    }

    @Test
    void anAttributeWithItsDefaultIsNoneToTheWire() {
        Message message = Message.of("a", "x").utf8(false).subscriptionIdentifiers(List.of(7));
        new PacketEncoder(MQTT_3_1_1, out).publish(message, 1, false);

        assertThat(HexFormat.of().formatHex(out.bytes())).isEqualTo("3206000161000178");
    }

    @Test
    void aClientSendsNoSubscriptionIdentifiers() {
        PacketEncoder encoder = new PacketEncoder(MQTT_5, out);
        encoder.connect(connect(NONE));
        int connect = out.bytes().length;
        encoder.publish(Message.of("a", "x").subscriptionIdentifiers(List.of(7)), 1, false);

        assertThat(HexFormat.of().formatHex(out.bytes()).substring(2 * connect)).isEqualTo("3207000161000100" + "78");
    }

    @Test
    void publishSizeCountsProperties() {
        Message plain = Message.of("a/b", new byte[100]);
        Message message = plain.contentType("é").userProperty("k", "v").expiry(Duration.ofDays(1));
        new PacketEncoder(MQTT_5, out).publish(message, 7, false);

        assertThat(PacketEncoder.publishSize(message, MQTT_5)).isEqualTo(out.bytes().length);
        assertThat(PacketEncoder.publishSize(plain, MQTT_5))
                .isEqualTo(PacketEncoder.publishSize(plain, MQTT_3_1_1) + 1);
    }

    static Stream<Arguments> answers() {
        return Stream.of(
                answer(true, s -> s.pubAck(1, ReasonCode.NOT_AUTHORIZED, WHY_AT_LENGTH)),
                answer(true, s -> s.pubRec(1, ReasonCode.NOT_AUTHORIZED, WHY_AT_LENGTH)),
                answer(true, s -> s.pubRel(1, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND, WHY_AT_LENGTH, false)),
                answer(true, s -> s.pubComp(1, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND, WHY_AT_LENGTH)),
                answer(false, s -> s.connAck(new ConnAck(false, ReasonCode.NOT_AUTHORIZED, WHY_AT_LENGTH))),
                answer(false, s -> s.subAck(new SubAck(1, List.of(ReasonCode.NOT_AUTHORIZED), WHY_AT_LENGTH))),
                answer(false, s -> s.unsubAck(new UnsubAck(1, List.of(ReasonCode.NOT_AUTHORIZED), WHY_AT_LENGTH))),
                answer(true, s -> s.disconnect(ReasonCode.NOT_AUTHORIZED, WHY_AT_LENGTH)));
    }

    private static Arguments answer(boolean hasShortForm, Consumer<PacketSink> packet) {
        return Arguments.of(hasShortForm, packet);
    }

    @ParameterizedTest
    @MethodSource("answers")
    void leavesOutWhatMerelyExplainsWhereThereIsNoRoom(boolean hasShortForm, Consumer<PacketSink> packet) {
        int whole = size(packet, Integer.MAX_VALUE);
        int reason = size(packet, whole - 1);

        assertThat(whole - reason).isEqualTo(14);
        assertThat(size(packet, reason)).isEqualTo(reason);
        int bare = size(packet, reason - 1);
        assertThat(reason - bare).isBetween(6, 7);
        int least = hasShortForm ? size(packet, bare - 1) : bare;
        assertThat(bare - least).as("a reason code less").isEqualTo(hasShortForm ? 1 : 0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> size(packet, least - 1))
                .withMessageContaining("the maximum packet size is " + (least - 1));
    }

    private static int size(Consumer<PacketSink> packet, int maximumPacketSize) {
        Collected out = new Collected();
        PacketEncoder encoder = new PacketEncoder(MQTT_5, out);
        encoder.maximumPacketSize(maximumPacketSize);
        packet.accept(encoder);
        return out.bytes().length;
    }

    @Tag("slow")
    @Test
    void refusesPropertiesBeyondTheRemainingLength() {
        List<UserProperty> many = Collections.nCopies(3000, new UserProperty("k".repeat(65_535), "v".repeat(65_535)));
        Message message = Message.of(TopicName.of("a"), new byte[0]).userProperties(many);

        assertRefused(MQTT_5, "must have at most 268435455", s -> s.publish(message, 1, false));
    }
}
