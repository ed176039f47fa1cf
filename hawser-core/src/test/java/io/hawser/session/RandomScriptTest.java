package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.QueuePolicy;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.StoreException;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.wire.ConnAck;
import io.hawser.wire.PacketSink;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import io.hawser.wire.SubAck;
import io.hawser.wire.UnsubAck;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Whatever the program, the broker, the network and the clock do, in whatever order: no call throws, requests settle once and
 * only once, time moves on, bounds hold.
 */
class RandomScriptTest {
    private static final int SCRIPTS = 300;
    private static final int STEPS = 250;
    private static final int WINDOW = 5;
    private static final int QUEUE = 20;

    @Test
    void everyScriptEndsWithEverythingSettledOnce() {
        for (long seed = 0; seed < SCRIPTS; seed++) {
            try {
                new Script(seed).run();
            } catch (Throwable e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
    }

    private static final class Script {
        private final SplittableRandom random;
        private final Machine machine;
        private final List<Object> requests = new ArrayList<>();
        private int window = WINDOW;

        Script(long seed) {
            random = new SplittableRandom(seed);
            machine = Machine.offline(options -> {
                options.seed = seed;
                options.cleanSession = one(3);
                options.keepAliveSeconds = random.nextInt(3) * 5;
                options.pingTimeout = Duration.ofSeconds(1 + random.nextInt(10));
                options.connectTimeout = Duration.ofSeconds(1 + random.nextInt(10));
                options.sendWindow = WINDOW;
                QueuePolicy queue = QueuePolicy.bounded(QUEUE);
                options.queue = one(2) ? queue : queue.dropOldest();
                options.retransmission = one(2) ? null : new Retransmission(Duration.ofSeconds(1), 10_000, 2);
                options.republishAmbiguous = one(2);
                options.freshCredentials = true;
                options.reconnect = options.reconnect.stableAfter(Duration.ofSeconds(random.nextInt(5)));
                if (one(2)) {
                    options.versions = List.of(ProtocolVersion.MQTT_5);
                } else if (one(3)) {
                    options.versions = List.of(ProtocolVersion.MQTT_3_1);
                }
                if (one(2)) {
                    options.servers = List.of("a", "b");
                }
            });
        }

        private boolean one(int of) {
            return random.nextInt(of) == 0;
        }

        void run() {
            for (int i = random.nextInt(3); i > 0; i--) {
                machine.declare("d/" + i, 1, "h");
            }
            machine.session.connect(machine.now());
            if (one(3)) {
                machine.log.room = random.nextInt(200);
            }
            try {
                steps();
                machine.close();
            } catch (StoreException e) {
                machine.session.fail(e, machine.now());
            }
            assertThat(requests.stream().filter(request -> !machine.effects.isSettled(request)))
                    .isEmpty();
            assertThat(machine.session.nextDeadline()).isEqualTo(Long.MAX_VALUE);
        }

        private void steps() {
            for (int step = 0; step < STEPS && machine.session.state() != ConnectionState.CLOSED; step++) {
                step();
                if (machine.session.figures().inFlight() > window
                        || machine.session.figures().queued() > QUEUE + WINDOW) {
                    throw new AssertionError("a bound is broken at step " + step);
                }
            }
        }

        private void step() {
            switch (random.nextInt(10)) {
                case 0, 1, 2 -> program();
                case 3, 4, 5, 6 -> broker();
                case 7 -> handler();
                case 8 -> machine.pass(Duration.ofMillis(random.nextInt(4_000)));
                default -> network();
            }
        }

        private void program() {
            switch (random.nextInt(6)) {
                case 0 -> request(new SubscriptionRequest(Subscription.to("f/" + random.nextInt(4)), "h"));
                case 1 -> request(new SubscriptionRequest(TopicFilter.of("f/" + random.nextInt(4))));
                default -> {
                    Message message = Machine.message("m" + requests.size(), random.nextInt(3));
                    var request = new PublishRequest(
                            is5() && one(3) ? message.expiry(Duration.ofSeconds(random.nextInt(20))) : message);
                    requests.add(request);
                    machine.session.publish(request, machine.now());
                }
            }
        }

        private void request(SubscriptionRequest request) {
            requests.add(request);
            machine.session.request(request, machine.now());
        }

        private void broker() {
            if (!machine.effects.open) {
                return;
            }
            List<Consumer<PacketSink>> packets = new ArrayList<>();
            boolean established = machine.session.state() == ConnectionState.CONNECTED
                    || machine.session.state() == ConnectionState.READY;
            if (!established) {
                packets.add(this::connAck);
            }
            for (int i = random.nextInt(4); i > 0; i--) {
                packets.add(this::packet);
            }
            byte[] bytes = machine.encode(broker -> packets.forEach(p -> p.accept(broker)), machine.effects.version);
            int cut = random.nextInt(bytes.length + 1);
            machine.receive(Arrays.copyOfRange(bytes, 0, cut));
            machine.receive(Arrays.copyOfRange(bytes, cut, bytes.length));
        }

        private void connAck(PacketSink broker) {
            boolean old = machine.effects.version == ProtocolVersion.MQTT_3_1;
            boolean refused = one(20);
            broker.connAck(new ConnAck(
                    !refused && !old && one(2),
                    refused ? ReasonCode.SERVER_UNAVAILABLE : ReasonCode.SUCCESS,
                    refused || !is5() ? Properties.NONE : granted()));
        }

        private boolean is5() {
            return machine.effects.version == ProtocolVersion.MQTT_5;
        }

        private Properties granted() {
            int receiveMaximum = 1 + random.nextInt(2 * WINDOW);
            window = Math.min(WINDOW, receiveMaximum);
            Properties granted = Properties.NONE
                    .with(Property.RECEIVE_MAXIMUM, receiveMaximum)
                    .with(Property.TOPIC_ALIAS_MAXIMUM, random.nextInt(3));
            if (one(3)) {
                granted = granted.with(Property.SERVER_KEEP_ALIVE, random.nextInt(10));
            }
            if (one(6)) {
                granted = granted.with(Property.MAXIMUM_QOS, random.nextInt(2));
            }
            return one(9) ? granted.with(Property.MAXIMUM_PACKET_SIZE, 20) : granted;
        }

        /** How the broker takes a message. */
        private ReasonCode verdict() {
            if (!is5() || !one(3)) {
                return ReasonCode.SUCCESS;
            }
            return one(2) ? ReasonCode.QUOTA_EXCEEDED : ReasonCode.NOT_AUTHORIZED;
        }

        private void packet(PacketSink broker) {
            int id = 1 + random.nextInt(machine.session.figures().sent() < 10 ? 10 : 40);
            if (is5() && one(40)) {
                broker.disconnect(ReasonCode.SERVER_SHUTTING_DOWN, Properties.NONE);
                return;
            }
            switch (random.nextInt(8)) {
                case 0, 1 -> broker.pubAck(id, verdict(), Properties.NONE);
                case 2 -> broker.pubRec(id, verdict(), Properties.NONE);
                case 3 -> broker.pubComp(id, ReasonCode.SUCCESS, Properties.NONE);
                case 4 -> broker.pubRel(id % 6 + 1, ReasonCode.SUCCESS, Properties.NONE, false);
                case 5 ->
                    broker.subAck(
                            new SubAck(id, Collections.nCopies(one(9) ? 2 : 1, ReasonCode.SUCCESS), Properties.NONE));
                case 6 ->
                    broker.unsubAck(new UnsubAck(id, is5() ? List.of(ReasonCode.SUCCESS) : List.of(), Properties.NONE));
                default -> publish(broker);
            }
        }

        private void publish(PacketSink broker) {
            Qos qos = Qos.of(random.nextInt(3));
            Message message = Message.of("f/" + random.nextInt(4), "in" + random.nextInt(30))
                    .qos(qos);
            boolean acknowledged = qos != Qos.AT_MOST_ONCE;
            broker.publish(message, acknowledged ? 1 + random.nextInt(6) : 0, acknowledged && one(2));
        }

        private void handler() {
            List<InboundMessage> messages = List.copyOf(machine.effects.inbound.values());
            if (messages.isEmpty()) {
                return;
            }
            InboundMessage message = messages.get(random.nextInt(messages.size()));
            switch (random.nextInt(4)) {
                case 0 -> machine.session.refuse(message, Rejection.UNSPECIFIED, machine.now());
                case 1 -> machine.session.defer(message, machine.now());
                default -> machine.acknowledge(message);
            }
        }

        private void network() {
            if (machine.effects.isOpening()) {
                if (one(4)) {
                    machine.lose("refused");
                } else {
                    machine.opened();
                }
            } else if (!machine.effects.open) {
                machine.pass(Duration.ofSeconds(random.nextInt(60)));
            } else if (one(3)) {
                machine.lose();
            } else if (one(2)) {
                machine.session.readingPaused(one(2), machine.now());
            } else {
                machine.effects.writable = !machine.effects.writable;
                machine.session.writable(machine.now());
            }
        }
    }
}
