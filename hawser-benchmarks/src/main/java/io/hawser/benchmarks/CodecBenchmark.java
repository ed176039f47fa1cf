package io.hawser.benchmarks;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.TopicName;
import io.hawser.wire.ConnAck;
import io.hawser.wire.Connect;
import io.hawser.wire.Outlet;
import io.hawser.wire.PacketDecoder;
import io.hawser.wire.PacketEncoder;
import io.hawser.wire.PacketSink;
import io.hawser.wire.Properties;
import io.hawser.wire.SubAck;
import io.hawser.wire.Subscribe;
import io.hawser.wire.UnsubAck;
import io.hawser.wire.Unsubscribe;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.infra.Blackhole;

/** Encoding and decoding PUBLISH at QoS 1, beside netty-codec-mqtt in an {@link EmbeddedChannel}, as many as one read brings. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CodecBenchmark {
    private static final int BATCH = 256;
    private static final int LARGEST = 1 << 20;

    @Param({"64", "1024"})
    int size;

    private final Buffer outlet = new Buffer();
    private final PacketEncoder encoder = new PacketEncoder(ProtocolVersion.MQTT_3_1_1, outlet);
    private final PacketDecoder decoder = new PacketDecoder(ProtocolVersion.MQTT_3_1_1, LARGEST);
    private final EmbeddedChannel nettyEncoder = new EmbeddedChannel(MqttEncoder.INSTANCE);
    private final EmbeddedChannel nettyDecoder = new EmbeddedChannel(new MqttDecoder(LARGEST));
    private final MqttFixedHeader nettyHeader =
            new MqttFixedHeader(MqttMessageType.PUBLISH, false, MqttQoS.AT_LEAST_ONCE, false, 0);
    private Message message = message(0);
    private ByteBuf nettyPayload = Unpooled.EMPTY_BUFFER;
    private ByteBuffer encoded = ByteBuffer.allocate(0);

    private static Message message(int size) {
        return Message.of(TopicName.of(Course.TOPIC), new byte[size], Qos.AT_LEAST_ONCE, false);
    }

    @Setup
    public void encodeOnce() {
        message = message(size);
        nettyPayload = Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(new byte[size]));
        encode();
        encoded = ByteBuffer.allocate(outlet.buffer.position())
                .put(outlet.buffer.flip())
                .flip();
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int encode() {
        outlet.buffer.clear();
        for (int i = 1; i <= BATCH; i++) {
            encoder.publish(message, i, false);
        }
        return outlet.buffer.position();
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void encodeWithNetty() {
        for (int i = 1; i <= BATCH; i++) {
            MqttPublishVariableHeader header = new MqttPublishVariableHeader(Course.TOPIC, i);
            ChannelFuture unused = nettyEncoder.write(
                    new MqttPublishMessage(nettyHeader, header, nettyPayload.duplicate()), nettyEncoder.voidPromise());
        }
        nettyEncoder.flushOutbound();
        for (Object out = nettyEncoder.readOutbound(); out != null; out = nettyEncoder.readOutbound()) {
            ReferenceCountUtil.release(out);
        }
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void decode(Blackhole blackhole) {
        decoder.decode(encoded.duplicate(), new Publishes(blackhole));
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void decodeWithNetty(Blackhole blackhole) {
        nettyDecoder.writeInbound(Unpooled.wrappedBuffer(encoded));
        for (Object in = nettyDecoder.readInbound(); in != null; in = nettyDecoder.readInbound()) {
            blackhole.consume(in);
            ReferenceCountUtil.release(in);
        }
    }

    /** One buffer that is large enough. */
    private static final class Buffer implements Outlet {
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(BATCH * 2_048);

        @Override
        public ByteBuffer room(int size) {
            return buffer;
        }

        @Override
        public void append(ByteBuffer bytes) {
            buffer.put(bytes.duplicate());
        }
    }

    /** Takes PUBLISH only. */
    private record Publishes(Blackhole blackhole) implements PacketSink {
        @Override
        public void publish(Message message, int packetId, boolean duplicate) {
            blackhole.consume(message);
        }

        private static IllegalStateException unexpected() {
            return new IllegalStateException("not a PUBLISH");
        }

        @Override
        public void connect(Connect packet) {
            throw unexpected();
        }

        @Override
        public void connAck(ConnAck packet) {
            throw unexpected();
        }

        @Override
        public void pubAck(int packetId, ReasonCode reasonCode, Properties properties) {
            throw unexpected();
        }

        @Override
        public void pubRec(int packetId, ReasonCode reasonCode, Properties properties) {
            throw unexpected();
        }

        @Override
        public void pubRel(int packetId, ReasonCode reasonCode, Properties properties, boolean duplicate) {
            throw unexpected();
        }

        @Override
        public void pubComp(int packetId, ReasonCode reasonCode, Properties properties) {
            throw unexpected();
        }

        @Override
        public void subscribe(Subscribe packet) {
            throw unexpected();
        }

        @Override
        public void subAck(SubAck packet) {
            throw unexpected();
        }

        @Override
        public void unsubscribe(Unsubscribe packet) {
            throw unexpected();
        }

        @Override
        public void unsubAck(UnsubAck packet) {
            throw unexpected();
        }

        @Override
        public void pingReq() {
            throw unexpected();
        }

        @Override
        public void pingResp() {
            throw unexpected();
        }

        @Override
        public void disconnect(ReasonCode reasonCode, Properties properties) {
            throw unexpected();
        }

        @Override
        public void auth(ReasonCode reasonCode, Properties properties) {
            throw unexpected();
        }
    }
}
