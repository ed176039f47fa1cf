package io.hawser.client.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
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
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** A broker of MQTT 5.0 for one connection at a time, which keeps what the client says, and says what the test gives it. */
final class FieldBroker implements PacketSink, AutoCloseable {
    /** A packet that has a reason code, or none of its own. */
    record Said(String packet, int packetId, ReasonCode reasonCode, Properties properties) {}

    /** A PUBLISH of the client's. */
    record Published(Message message, int packetId, boolean duplicate) {}

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final BlockingQueue<Object> packets = new LinkedBlockingQueue<>();
    private volatile Socket socket;
    private final ByteBuffer out = ByteBuffer.allocate(1 << 16);
    private volatile PacketEncoder encoder;

    /** What CONNACK says. */
    volatile Properties granted = Properties.NONE;

    volatile boolean sessionPresent;
    volatile ReasonCode connAckCode = ReasonCode.SUCCESS;
    /** Bytes that the clients have sent. */
    final AtomicLong received = new AtomicLong();
    /** What all other answers say. */
    volatile Properties words = Properties.NONE;

    volatile ReasonCode pubAckCode = ReasonCode.SUCCESS;
    volatile ReasonCode pubCompCode = ReasonCode.SUCCESS;
    /** The code for each filter of SUBSCRIBE and UNSUBSCRIBE, from the first on; success for all others. */
    volatile List<ReasonCode> filterCodes = List.of();

    FieldBroker() throws IOException {
        Thread thread = new Thread(this::run);
        thread.setDaemon(true);
        thread.start();
    }

    String url() {
        return "mqtt://127.0.0.1:" + listener.getLocalPort();
    }

    private void run() {
        try {
            while (true) {
                serve(listener.accept());
            }
        } catch (IOException e) {
            // The broker is closed.
        }
    }

    private void serve(Socket accepted) {
        socket = accepted;
        encoder = new PacketEncoder(ProtocolVersion.MQTT_5, new Outlet() {
            @Override
            public ByteBuffer room(int size) {
                return out;
            }

            @Override
            public void append(ByteBuffer bytes) {
                out.put(bytes);
            }
        });
        PacketDecoder decoder = PacketDecoder.server(1 << 20);
        decoder.topicAliasMaximum(100);
        try (accepted) {
            InputStream in = accepted.getInputStream();
            byte[] bytes = new byte[8192];
            for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
                received.addAndGet(read);
                decoder.decode(ByteBuffer.wrap(bytes, 0, read), this);
            }
        } catch (IOException e) {
            // The connection has ended.
        }
    }

    /** Says something to the client. */
    synchronized void say(Consumer<PacketSink> what) {
        what.accept(encoder);
        try {
            socket.getOutputStream().write(out.array(), 0, out.position());
        } catch (IOException e) {
            // The connection has ended.
        }
        out.clear();
    }

    void cut() throws IOException {
        socket.close();
    }

    /** The next packet of a kind, waited for; those before it are dropped. */
    <T> T next(Class<T> kind) throws InterruptedException {
        while (true) {
            Object packet = packets.poll(20, TimeUnit.SECONDS);
            assertThat(packet).as("a " + kind.getSimpleName() + " within 20 s").isNotNull();
            if (kind.isInstance(packet)) {
                return kind.cast(packet);
            }
        }
    }

    Said next(String packet) throws InterruptedException {
        Said said = next(Said.class);
        while (!said.packet().equals(packet)) {
            said = next(Said.class);
        }
        return said;
    }

    @Override
    public void close() throws IOException {
        listener.close();
        Socket open = socket;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public void connect(Connect packet) {
        packets.add(packet);
        say(sink -> sink.connAck(new ConnAck(sessionPresent, connAckCode, granted)));
    }

    @Override
    public void publish(Message message, int packetId, boolean duplicate) {
        packets.add(new Published(message, packetId, duplicate));
        switch (message.qos()) {
            case AT_MOST_ONCE -> {}
            case AT_LEAST_ONCE -> say(sink -> sink.pubAck(packetId, pubAckCode, words));
            case EXACTLY_ONCE -> say(sink -> sink.pubRec(packetId, pubAckCode, words));
        }
    }

    private void said(String packet, int packetId, ReasonCode reasonCode, Properties properties) {
        packets.add(new Said(packet, packetId, reasonCode, properties));
    }

    @Override
    public void pubAck(int packetId, ReasonCode reasonCode, Properties properties) {
        said("PUBACK", packetId, reasonCode, properties);
    }

    @Override
    public void pubRec(int packetId, ReasonCode reasonCode, Properties properties) {
        said("PUBREC", packetId, reasonCode, properties);
        if (!reasonCode.isError()) {
            say(sink -> sink.pubRel(packetId, ReasonCode.SUCCESS, words, false));
        }
    }

    @Override
    public void pubRel(int packetId, ReasonCode reasonCode, Properties properties, boolean duplicate) {
        said("PUBREL", packetId, reasonCode, properties);
        say(sink -> sink.pubComp(packetId, pubCompCode, words));
    }

    @Override
    public void pubComp(int packetId, ReasonCode reasonCode, Properties properties) {
        said("PUBCOMP", packetId, reasonCode, properties);
    }

    private List<ReasonCode> codes(int filters) {
        List<ReasonCode> codes = new ArrayList<>(filterCodes);
        codes.addAll(Collections.nCopies(filters - codes.size(), ReasonCode.SUCCESS));
        return codes;
    }

    @Override
    public void subscribe(Subscribe packet) {
        packets.add(packet);
        say(sink -> sink.subAck(
                new SubAck(packet.packetId(), codes(packet.subscriptions().size()), words)));
    }

    @Override
    public void unsubscribe(Unsubscribe packet) {
        packets.add(packet);
        say(sink -> sink.unsubAck(
                new UnsubAck(packet.packetId(), codes(packet.filters().size()), words)));
    }

    @Override
    public void pingReq() {
        say(PacketSink::pingResp);
    }

    @Override
    public void disconnect(ReasonCode reasonCode, Properties properties) {
        said("DISCONNECT", 0, reasonCode, properties);
    }

    @Override
    public void auth(ReasonCode reasonCode, Properties properties) {
        said("AUTH", 0, reasonCode, properties);
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
