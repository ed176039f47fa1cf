package io.hawser.e2e;

import static io.hawser.mqtt.ProtocolVersion.MQTT_5;
import static io.hawser.mqtt.ReasonCode.SUCCESS;
import static io.hawser.wire.Properties.NONE;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.wire.Outlet;
import io.hawser.wire.PacketEncoder;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the hot path allocates; here because the modules of the library do not read the JDK's management. */
class AllocationTest {
    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void thePacketsThatComeInMassesAllocateNothing(ProtocolVersion version) {
        ByteBuffer room = ByteBuffer.allocate(1000);
        PacketEncoder encoder = new PacketEncoder(version, new Outlet() {
            @Override
            public ByteBuffer room(int size) {
                return room.clear();
            }

            @Override
            public void append(ByteBuffer bytes) {}
        });
        encoder.topicAliasMaximum(version == MQTT_5 ? 2 : 0);
        Message[] messages = {Message.of("topic/1", "x"), Message.of("topic/2", "x"), Message.of("topic/3", "x")};
        encodeMasses(encoder, messages, 100);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        encodeMasses(encoder, messages, 10_000);

        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(10_000);
    }

    private static void encodeMasses(PacketEncoder encoder, Message[] messages, int rounds) {
        for (int i = 0; i < rounds; i++) {
            encoder.publish(messages[(i + i / 7) % messages.length], 1, false);
            encoder.pubAck(1, SUCCESS, NONE);
            encoder.pubRec(1, SUCCESS, NONE);
            encoder.pubRel(1, SUCCESS, NONE, false);
            encoder.pubComp(1, SUCCESS, NONE);
        }
    }
}
