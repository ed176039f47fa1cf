package io.hawser.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.util.Collections;
import org.junit.jupiter.api.Test;

class MessageTest {
    @Test
    void defaultsToAtLeastOnceWithoutRetain() {
        Message message = Message.of("a", "hé");
        assertThat(message.qos()).isEqualTo(Qos.AT_LEAST_ONCE);
        assertThat(message.retain()).isFalse();
        assertThat(message.topic()).isEqualTo("a");
        assertThat(message.topicName()).isEqualTo(TopicName.of("a"));
        assertThat(message.text()).isEqualTo("hé");
        assertThat(message.payloadSize()).isEqualTo(3);
        assertThat(message.payloadBytes()).containsExactly('h', 0xc3, 0xa9);
    }

    @Test
    void withersChangeOneThing() {
        Message message = Message.of("a", "x");
        Message other = message.qos(Qos.EXACTLY_ONCE).retain(true);
        assertThat(other.qos()).isEqualTo(Qos.EXACTLY_ONCE);
        assertThat(other.retain()).isTrue();
        assertThat(other.text()).isEqualTo("x");
        assertThat(message.qos(Qos.AT_LEAST_ONCE)).isSameAs(message);
        assertThat(message.retain(false)).isSameAs(message);
        assertThat(other.qos(Qos.AT_LEAST_ONCE).retain(false))
                .isEqualTo(message)
                .hasSameHashCodeAs(message);
        assertThat(other).isNotEqualTo(message);
        assertThat(Message.of("a", "y")).isNotEqualTo(message);
        assertThat(Message.of("b", "x")).isNotEqualTo(message);
    }

    @Test
    void memoryCountsTheObjectsThatPropertiesAreMadeOf() {
        Message message = Message.of("a", "x");
        assertThat(message.memoryInBytes()).isEqualTo(message.sizeInBytes());
        Message many = message.subscriptionIdentifiers(Collections.nCopies(1000, 1))
                .userProperties(Collections.nCopies(1000, new UserProperty("", "")));
        assertThat(many.memoryInBytes()).isBetween(100_000, 200_000);
    }

    @Test
    void payloadCannotBeChangedThroughItsViews() {
        Message message = Message.of("a", "xyz");
        message.payloadBytes()[0] = 0;
        assertThatExceptionOfType(ReadOnlyBufferException.class)
                .isThrownBy(() -> message.payload().put((byte) 0));
        message.payload().get();
        assertThat(message.payload().remaining())
                .as("a view of its own per call")
                .isEqualTo(3);
        ByteBuffer part = ByteBuffer.allocate(4);
        message.copyPayload(1, 2, part);
        assertThat(part.position()).isEqualTo(2);
        assertThat(part.array()).startsWith('y', 'z');
        assertThat(message.text()).isEqualTo("xyz");
    }

    @Test
    void bytesThatAreNoTextAreReplacedInText() {
        assertThat(Message.of("a", new byte[] {'x', (byte) 0xff}).text()).isEqualTo("x\uFFFD");
    }

    @Test
    void payloadNeverShows() {
        Message message = Message.of(TopicName.received("a\u001b"), new byte[] {1, 2, 3, 4, 5, 6})
                .retain(true);
        assertThat(message).hasToString("Message[a\\u001b, AT_LEAST_ONCE, retain, 6 bytes]");
        assertThat(Will.of(message).toString()).doesNotContain("1, 2");
    }

    @Test
    void payloadHasALimit() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Message.of("a", new byte[Message.MAXIMUM_PAYLOAD + 1]))
                .withMessage("payload has 268435451 bytes, must have at most 268435450");
    }

    @Test
    void willHasALimit() {
        assertThat(Will.of(Message.of("a", new byte[65_535])).message().payloadSize())
                .isEqualTo(65_535);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Will.of(Message.of("a", new byte[65_536])))
                .withMessageContaining("will payload has 65536 bytes");
    }

    @Test
    void qosHasThreeLevels() {
        for (Qos qos : Qos.values()) {
            assertThat(Qos.of(qos.level())).isSameAs(qos);
        }
        assertThatIllegalArgumentException().isThrownBy(() -> Qos.of(3)).withMessageContaining("qos is 3");
        assertThatIllegalArgumentException().isThrownBy(() -> Qos.of(-1));
        assertThat(Qos.EXACTLY_ONCE.atMost(Qos.AT_LEAST_ONCE)).isEqualTo(Qos.AT_LEAST_ONCE);
        assertThat(Qos.AT_MOST_ONCE.atMost(Qos.AT_LEAST_ONCE)).isEqualTo(Qos.AT_MOST_ONCE);
    }

    @Test
    void returnCodesAndReasonCodesTranslateBothWays() {
        for (int code = 0; code <= 5; code++) {
            assertThat(ReasonCode.ofConnectReturnCode(code).connectReturnCode()).isEqualTo(code);
        }
        assertThatIllegalArgumentException().isThrownBy(() -> ReasonCode.ofConnectReturnCode(6));
        assertThat(ReasonCode.PACKET_TOO_LARGE.connectReturnCode()).isEqualTo(3);
    }
}
