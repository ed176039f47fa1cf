package io.hawser.session;

import io.hawser.mqtt.BrokerProfile;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.QueuePolicy;
import io.hawser.mqtt.ReconnectPolicy;
import io.hawser.mqtt.TopicName;
import io.hawser.store.SessionStore;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The protocol machine alone: from a publish to its final acknowledgement, without threads, sockets or dependent stages. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SessionBenchmark {
    private static final int BATCH = 256;
    private static final int PUBACK = 0x4002_0000;
    private static final int PUBREC = 0x5002_0000;
    private static final int PUBCOMP = 0x7002_0000;

    @Param({"0", "1", "2"})
    int qos;

    private final QuietEffects effects = new QuietEffects();
    private final PublishRequest[] batch = new PublishRequest[BATCH];
    private final int[] identifiers = new int[BATCH];
    private final ByteBuffer answers = ByteBuffer.allocateDirect(4 * BATCH);
    private Message message = Message.of("benchmark", "");
    private @Nullable ClientSession session;
    private long now;

    @Setup
    public void connect() {
        message = Message.of(TopicName.of("race/meters/7/temp"), new byte[64], Qos.of(qos), false);
        ClientSession connected =
                new ClientSession(config(), SessionStore.inMemory().open("benchmark"), effects, null);
        connected.connect(now);
        connected.opened(null, null, null, now);
        connected.received(ByteBuffer.wrap(new byte[] {0x20, 2, 0, 0}), now);
        session = connected;
    }

    private static SessionConfig config() {
        SessionConfig config = new SessionConfig();
        config.clientId = "benchmark";
        config.versions = List.of(ProtocolVersion.MQTT_3_1_1);
        config.servers = List.of("server");
        config.sendWindow = 1_000;
        config.unhandled = new HoldPolicy(HoldPolicy.USUAL_GRACE_NANOS, false, 1 << 20);
        config.maximumPacketSize = 1 << 20;
        config.topicAliasMaximum = 0;
        config.queue = QueuePolicy.bounded(10_000);
        config.reconnect = ReconnectPolicy.never();
        config.broker = BrokerProfile.of("benchmark").filtersPerPacket(64);
        config.seed = 1;
        return config;
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long publishAndSettle() {
        ClientSession to = session;
        if (to == null) {
            return 0;
        }
        effects.startTurn();
        now++;
        for (int i = 0; i < BATCH; i++) {
            PublishRequest request = new PublishRequest(message);
            batch[i] = request;
            to.publish(request, now);
            identifiers[i] = request.packetId();
        }
        if (qos == 1) {
            answer(to, PUBACK);
        } else if (qos == 2) {
            answer(to, PUBREC);
            answer(to, PUBCOMP);
        }
        return effects.completed();
    }

    private void answer(ClientSession to, int type) {
        answers.clear();
        for (int identifier : identifiers) {
            answers.putInt(type | identifier);
        }
        to.received(answers.flip(), now);
    }
}
