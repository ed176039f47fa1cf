package io.hawser.session;

import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ConnectionException;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.Subscription;
import io.hawser.store.SessionStore;
import io.hawser.wire.ConnAck;
import io.hawser.wire.Outlet;
import io.hawser.wire.PacketEncoder;
import io.hawser.wire.PacketSink;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import io.hawser.wire.SubAck;
import io.hawser.wire.Subscribe;
import io.hawser.wire.UnsubAck;
import io.hawser.wire.Unsubscribe;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A broker in virtual time with the limits that AWS IoT Core publishes: it ends the connection on whatever exceeds one, without
 * a word, and notes the offence. The network takes 20 ms each way.
 */
final class CloudBroker {
    static final long SECOND = 1_000_000_000L;
    private static final long LATENCY = 20_000_000L;

    final List<String> offences = new ArrayList<>();
    final Set<PublishRequest> acknowledged = new HashSet<>();
    final Map<Object, MqttException> failures = new HashMap<>();
    private final List<ConnectionEvent> events = new ArrayList<>();
    int publishesPerSecond = 100;
    /** SUBSCRIBE packets that get no answer because they ask for QoS 2. */
    int ignored;

    private final PriorityQueue<Event> agenda = new PriorityQueue<>();
    private final ArrayDeque<long[]> lastSecond = new ArrayDeque<>();
    private final ByteBuffer answer = ByteBuffer.allocate(1_000);
    private long now = SECOND;
    private long scheduled;
    private long connectedAt = -SECOND;
    /** Counts connections; what belongs to an earlier one is dropped. */
    private int connection;

    private ProtocolVersion version;
    private ClientSession session;

    private record Event(long at, long order, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return at == other.at ? Long.compare(order, other.order) : Long.compare(at, other.at);
        }
    }

    ClientSession client(SessionConfig config, SessionStore store) {
        Effects effects = (Effects) Proxy.newProxyInstance(
                Effects.class.getClassLoader(),
                new Class<?>[] {Effects.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "watched" -> arguments[0];
                    case "open" -> open((ProtocolVersion) arguments[2]);
                    case "transmit" -> fromClient(connection);
                    case "writable" -> true;
                    case "close" -> ++connection;
                    case "complete" -> arguments[0] instanceof PublishRequest request && acknowledged.add(request);
                    case "fail" -> failures.put(arguments[0], (MqttException) arguments[1]);
                    case "event" -> events.add((ConnectionEvent) arguments[0]);
                    default -> null;
                });
        session = new ClientSession(config, store.open(config.clientId), effects, null);
        return session;
    }

    long now() {
        return now;
    }

    <E extends ConnectionEvent> List<E> events(Class<E> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    void pass(long nanos) {
        long until = now + nanos;
        while (true) {
            long next = Math.min(agenda.isEmpty() ? Long.MAX_VALUE : agenda.element().at, session.nextDeadline());
            if (next > until) {
                break;
            }
            now = Math.max(now, next);
            if (!agenda.isEmpty() && agenda.element().at <= now) {
                agenda.remove().action.run();
            } else {
                session.tick(now);
            }
        }
        now = until;
    }

    private void later(Runnable action) {
        agenda.add(new Event(now + LATENCY, scheduled++, action));
    }

    /** The network is gone, which is nobody's fault. */
    void cut() {
        lost("the link was cut", false);
    }

    private void lost(String why, boolean byPeer) {
        connection++;
        session.lost(new ConnectionException(why), byPeer, now);
    }

    private Object open(ProtocolVersion asked) {
        version = asked;
        int opening = ++connection;
        later(() -> {
            if (opening == connection) {
                session.opened(null, null, null, now);
                session.transmitted(now);
            }
        });
        return null;
    }

    /** Packets of the client, which arrive in order. */
    private PacketSink fromClient(int from) {
        return (PacketSink) Proxy.newProxyInstance(
                PacketSink.class.getClassLoader(), new Class<?>[] {PacketSink.class}, (proxy, method, arguments) -> {
                    String packet = method.getName();
                    later(() -> {
                        if (from == connection) {
                            received(packet, arguments);
                        }
                    });
                    return null;
                });
    }

    private void received(String packet, Object[] arguments) {
        switch (packet) {
            case "connect" -> connect();
            case "publish" -> publish((Message) arguments[0], (Integer) arguments[1]);
            case "subscribe" -> subscribe((Subscribe) arguments[0]);
            case "unsubscribe" ->
                answer(sink -> sink.unsubAck(
                        new UnsubAck(((Unsubscribe) arguments[0]).packetId(), List.of(), Properties.NONE)));
            case "pingReq" -> answer(PacketSink::pingResp);
            case "pubAck", "disconnect" -> {}
            default -> offend(packet + ", which the broker does not know");
        }
    }

    private void connect() {
        boolean soon = now < connectedAt + SECOND;
        connectedAt = now;
        lastSecond.clear();
        if (soon) {
            offend("more than one CONNECT in a second");
            return;
        }
        Properties granted = version == ProtocolVersion.MQTT_5
                ? Properties.NONE
                        .with(Property.MAXIMUM_QOS, 1)
                        .with(Property.TOPIC_ALIAS_MAXIMUM, 8)
                        .with(Property.SUBSCRIPTION_IDENTIFIER_AVAILABLE, 0)
                : Properties.NONE;
        answer(sink -> sink.connAck(new ConnAck(false, ReasonCode.SUCCESS, granted)));
    }

    private void publish(Message message, int packetId) {
        long size = PacketEncoder.clientPublishSize(message, version);
        while (!lastSecond.isEmpty() && lastSecond.element()[0] <= now - SECOND) {
            lastSecond.remove();
        }
        lastSecond.add(new long[] {now, size});
        long bytes = lastSecond.stream().mapToLong(sent -> sent[1]).sum();
        if (message.topic().startsWith("forbidden/")) {
            offend("a forbidden topic");
        } else if (message.qos() == Qos.EXACTLY_ONCE) {
            offend("QoS 2");
        } else if (size > 128 * 1024) {
            offend("a packet of more than 128 KiB");
        } else if (message.topic().length() > 256 || message.topic().split("/", -1).length > 8) {
            offend("a topic of more than 256 bytes or 8 levels");
        } else if (lastSecond.size() > publishesPerSecond) {
            offend("more than " + publishesPerSecond + " publishes in a second");
        } else if (bytes - size > 512 * 1024) {
            offend("more than 512 KiB in a second");
        } else if (packetId != 0) {
            answer(sink -> sink.pubAck(packetId, ReasonCode.SUCCESS, Properties.NONE));
        }
    }

    private void subscribe(Subscribe packet) {
        if (packet.subscriptions().size() > 8) {
            offend("more than 8 filters");
        } else if (packet.subscriptions().stream().anyMatch(s -> s.qos() == Qos.EXACTLY_ONCE)) {
            // The developer guide says that such a SUBSCRIBE gets no SUBACK.
            ignored++;
        } else if (packet.subscriptions().stream().anyMatch(s -> s.identifier() != 0)) {
            offend("a subscription identifier");
        } else {
            List<ReasonCode> granted = packet.subscriptions().stream()
                    .map(Subscription::qos)
                    .map(qos -> ReasonCode.of(qos.level()))
                    .toList();
            answer(sink -> sink.subAck(new SubAck(packet.packetId(), granted, Properties.NONE)));
        }
    }

    private void offend(String offence) {
        offences.add(offence);
        int offender = connection;
        later(() -> {
            if (offender == connection) {
                lost("the broker closed the connection", true);
            }
        });
    }

    private void answer(Consumer<PacketSink> packet) {
        answer.clear();
        packet.accept(new PacketEncoder(version, new Outlet() {
            @Override
            public ByteBuffer room(int size) {
                return answer;
            }

            @Override
            public void append(ByteBuffer more) {
                answer.put(more);
            }
        }));
        byte[] bytes = new byte[answer.position()];
        answer.flip().get(bytes);
        int to = connection;
        later(() -> {
            if (to == connection) {
                session.received(ByteBuffer.wrap(bytes), now);
            }
        });
    }
}
