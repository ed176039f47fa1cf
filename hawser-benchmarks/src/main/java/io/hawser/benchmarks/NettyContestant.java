package io.hawser.benchmarks;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** netty-codec-mqtt in a bare pipeline, all on the event loop: what a client on top of it cannot be faster than. */
final class NettyContestant implements Contestant {
    private static final int LARGEST = 16 * 1024 * 1024;
    /** Then the event loop may read. */
    private static final int MOST_AT_ONCE = 4_096;

    private static @Nullable EventLoopGroup shared;

    private final Course course;
    private final MqttFixedHeader header;
    private final ByteBuf payload;
    private final CompletableFuture<?> accepted = new CompletableFuture<>();
    private final CompletableFuture<?> granted = new CompletableFuture<>();
    private volatile @Nullable Gate gate;
    private volatile boolean pumping;
    private @Nullable Channel channel;
    private int identifier;

    NettyContestant(Course course) {
        this.course = course;
        this.header = new MqttFixedHeader(MqttMessageType.PUBLISH, false, MqttQoS.valueOf(course.qos()), false, 0);
        this.payload = Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(course.payload()));
    }

    private static EventLoopGroup group() {
        EventLoopGroup group = shared;
        if (group == null) {
            group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
            shared = group;
        }
        return group;
    }

    @Override
    public void connect() {
        Bootstrap bootstrap = new Bootstrap()
                .group(group())
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel opened) {
                        opened.pipeline().addLast(MqttEncoder.INSTANCE, new MqttDecoder(LARGEST), new Handler());
                    }
                });
        ChannelFuture connected = bootstrap.connect("127.0.0.1", course.port()).syncUninterruptibly();
        channel = connected.channel();
        ChannelFuture unused = channel()
                .writeAndFlush(MqttMessageBuilders.connect()
                        .protocolVersion(MqttVersion.MQTT_3_1_1)
                        .clientId("netty")
                        .cleanSession(true)
                        .build());
        accepted.join();
    }

    private Channel channel() {
        if (channel == null) {
            throw new IllegalStateException("not connected");
        }
        return channel;
    }

    @Override
    public void publishOne(Gate entered) {
        gate = entered;
        ChannelFuture written = channel().writeAndFlush(message());
        if (course.qos() == 0) {
            written.addListener(future -> entered.leaveInTurn(1));
        }
    }

    @Override
    public void publish(Gate entered) throws InterruptedException {
        gate = entered;
        pumping = true;
        channel().eventLoop().execute(() -> pump(entered));
        entered.awaitStop();
    }

    private MqttPublishMessage message() {
        identifier = identifier == 0xFFFF ? 1 : identifier + 1;
        return new MqttPublishMessage(
                header, new MqttPublishVariableHeader(Course.TOPIC, identifier), payload.duplicate());
    }

    private void pump(Gate entered) {
        Channel out = channel();
        int written = 0;
        while (written < MOST_AT_ONCE
                && out.isWritable()
                && !entered.isStopped()
                && (course.qos() == 0 || entered.room() > 0)) {
            ChannelFuture unused = out.write(message(), out.voidPromise());
            entered.enterAtOnce(1);
            written++;
        }
        out.flush();
        if (course.qos() == 0) {
            entered.leaveInTurn(written);
            if (out.isWritable() && !entered.isStopped()) {
                out.eventLoop().execute(() -> pump(entered));
            }
        }
    }

    @Override
    public void subscribe(String filter, Gate receiving) {
        gate = receiving;
        ChannelFuture unused = channel()
                .writeAndFlush(MqttMessageBuilders.subscribe()
                        .messageId(1)
                        .addSubscription(MqttQoS.valueOf(course.qos()), filter)
                        .build());
        granted.join();
    }

    @Override
    public void close() {
        channel().close().syncUninterruptibly();
    }

    private final class Handler extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object packet) {
            MqttMessage message = (MqttMessage) packet;
            Gate entered = gate;
            switch (message.fixedHeader().messageType()) {
                case CONNACK -> accepted.complete(null);
                case SUBACK -> granted.complete(null);
                case PUBLISH -> received(context, (MqttPublishMessage) message);
                case PUBREC -> answer(context, message, MqttMessageType.PUBREL, MqttQoS.AT_LEAST_ONCE);
                case PUBREL -> answer(context, message, MqttMessageType.PUBCOMP, MqttQoS.AT_MOST_ONCE);
                case PUBACK, PUBCOMP -> {
                    if (entered != null) {
                        entered.leaveInTurn(1);
                    }
                }
                default -> throw new IllegalStateException(message.toString());
            }
            ReferenceCountUtil.release(packet);
        }

        private void received(ChannelHandlerContext context, MqttPublishMessage message) {
            Gate entered = gate;
            if (entered != null) {
                entered.leaveInTurn(1);
            }
            switch (course.qos()) {
                case 1 ->
                    answer(
                            context,
                            MqttMessageType.PUBACK,
                            message.variableHeader().packetId());
                case 2 ->
                    answer(
                            context,
                            MqttMessageType.PUBREC,
                            message.variableHeader().packetId());
                default -> {}
            }
        }

        private void answer(ChannelHandlerContext context, MqttMessageType type, int id) {
            answer(context, type, MqttQoS.AT_MOST_ONCE, MqttMessageIdVariableHeader.from(id));
        }

        private void answer(ChannelHandlerContext context, MqttMessage message, MqttMessageType type, MqttQoS qos) {
            answer(context, type, qos, (MqttMessageIdVariableHeader) message.variableHeader());
        }

        private void answer(
                ChannelHandlerContext context, MqttMessageType type, MqttQoS qos, MqttMessageIdVariableHeader id) {
            MqttFixedHeader fixed = new MqttFixedHeader(type, false, qos, false, 2);
            ChannelFuture unused = context.write(new MqttMessage(fixed, id), context.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            Gate entered = gate;
            if (entered != null && pumping && course.qos() > 0) {
                pump(entered);
            } else {
                context.flush();
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            Gate entered = gate;
            if (entered != null && pumping && context.channel().isWritable()) {
                context.channel().eventLoop().execute(() -> pump(entered));
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            Gate entered = gate;
            if (entered != null) {
                entered.fail(cause);
            }
        }
    }
}
