package io.hawser.testing.simulation;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.testing.Misbehaviour.Answer;
import io.hawser.testing.ModelBroker;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/** Two clients, a broker and a network between them in which everything goes wrong for a while, and then nothing any more. */
final class World {
    private static final long HEALING_NANOS = 600 * Plan.SECOND;
    private static final long CALMING_NANOS = 10 * Plan.SECOND;
    private static final int LAST_MESSAGES = 6;
    private static final int TRACED = 1000;
    private static final int REJECTIONS = 5;

    final Plan plan;
    final SplittableRandom random;
    final VirtualTime time = new VirtualTime();
    final Ledger ledger;
    final ModelBroker broker;
    final Set<Link> links = new LinkedHashSet<>();
    private final SimulatedClient publisher;
    private final SimulatedClient subscriber;
    private final Deque<Line> trace = new ArrayDeque<>();
    private boolean healed;
    private boolean brokerUp = true;

    private record Line(long micros, String what) {}

    World(Plan plan) {
        this.plan = plan;
        random = new SplittableRandom(~plan.seed());
        ledger = new Ledger(plan, time);
        broker = new ModelBroker(plan.brokerInflight());
        plan.five().grantBy(broker.grant());
        refuseVersions();
        publisher = new SimulatedClient(this, "publisher", null);
        subscriber = new SimulatedClient(this, "subscriber", "load/#");
    }

    private void refuseVersions() {
        for (ProtocolVersion version : plan.refusedVersions()) {
            if (plan.seed() % 2 == 0) {
                broker.misbehave().refuseVersion(version);
            } else {
                broker.misbehave().closeOn(version);
            }
        }
    }

    void run() {
        subscriber.start();
        publisher.start();
        runUntil(() -> subscriber.isReady(), "the subscriber was never ready");
        long begin = time.now();
        plan(begin, begin + Plan.CHAOS_NANOS);
        time.at(begin + Plan.CHAOS_NANOS, this::heal);
        runUntil(() -> healed, "healing never came");
        // What a slow disk has held up may have cost a connection that nobody has missed yet.
        long calm = time.now() + CALMING_NANOS;
        runUntil(() -> time.now() >= calm && connectedForGood(), "the clients were never ready again");
        int last = ledger.size();
        for (int i = 0; i < LAST_MESSAGES; i++) {
            publish(ledger.next(Qos.of(1 + i % 2), 0, 0));
            runUntil(() -> publisher.queued() == 0, "the queue was never empty");
        }
        runUntil(() -> ledger.missing(last) == null && broker.pending("subscriber") == 0, null);
        if (ledger.missing(last) != null) {
            throw new Violation(ledger.missing(last));
        }
        List<Link> standing = List.of(publisher.link(), subscriber.link());
        long quiet = time.now() + 100 * Plan.SECOND;
        runUntil(() -> time.now() >= quiet, "time stood still");
        if (!standing.equals(Arrays.asList(publisher.link(), subscriber.link()))) {
            throw new Violation("a connection ended although nothing was wrong; was it silent?"
                    + " [3.1.1 MQTT-3.1.2-23] [5.0 MQTT-3.1.2-20] [5.0 MQTT-3.1.2-21]");
        }
        if (broker.pending("subscriber") > 0) {
            throw new Violation(broker.pending("subscriber")
                    + " messages are not acknowledged [3.1.1 MQTT-3.3.4-1] [5.0 MQTT-3.3.4-1] [MQTT-4.5.0-2]");
        }
    }

    private void plan(long begin, long end) {
        for (int i = 0; i < plan.messages(); i++) {
            time.at(begin + random.nextLong(Plan.CHAOS_NANOS * 3 / 4), this::publish);
        }
        if (plan.repeats()) {
            broker.misbehave().publishTwice(true);
        }
        if (plan.swallows()) {
            Answer[] answers = {Answer.PUBACK, Answer.PUBREC, Answer.PUBCOMP, Answer.SUBACK};
            for (Answer answer : answers) {
                time.at(
                        begin + random.nextLong(Plan.CHAOS_NANOS),
                        () -> broker.misbehave().swallow(answer));
            }
        }
        if (plan.five().rejects()) {
            for (int i = 0; i < REJECTIONS; i++) {
                time.at(
                        begin + random.nextLong(Plan.CHAOS_NANOS),
                        () -> broker.misbehave().refusePublishes(1 + random.nextInt(3), Version5.rejection(random)));
            }
        }
        if (plan.five().disconnects()) {
            time.at(
                    begin + random.nextLong(Plan.CHAOS_NANOS),
                    () -> broker.misbehave().refuseConnects(1 + random.nextInt(2), Version5.refusal(random)));
        }
        for (int i = 0; i < plan.storage().failures(); i++) {
            for (SimulatedClient client : List.of(publisher, subscriber)) {
                long at = random.nextLong(Plan.CHAOS_NANOS * 3 / 4);
                long length = 1 + random.nextLong(Plan.CHAOS_NANOS / 5);
                time.at(begin + at, () -> client.failDisk(length));
            }
        }
        for (long at = begin; at < end; at += 1 + random.nextLong(2 * plan.cutEveryNanos())) {
            time.at(at, this::disturb);
        }
    }

    private void publish() {
        if (publisher.isUp()) {
            int padding = random.nextInt(20) == 0 ? 20_000 : random.nextInt(100);
            publish(ledger.next(Qos.of(random.nextInt(3)), padding, expirySeconds()));
        }
    }

    private void publish(Message message) {
        boolean enqueued = random.nextInt(100) < plan.storage().enqueues();
        publisher.publish(message, enqueued, enqueued && random.nextInt(3) > 0);
    }

    private int expirySeconds() {
        if (!plan.five().expires()) {
            return 0;
        }
        return switch (random.nextInt(4)) {
            case 0 -> 1 + random.nextInt(20);
            case 1 -> 1_000_000;
            default -> 0;
        };
    }

    private void disturb() {
        if (plan.five().disconnects() && random.nextInt(4) == 0) {
            broker.disconnect(either().id(), Version5.goodbye(random));
            return;
        }
        switch (random.nextInt(plan.clientRestarts() ? 8 : 5)) {
            case 0, 1, 2 -> {
                List<Link> open = new ArrayList<>(links);
                if (!open.isEmpty()) {
                    open.get(random.nextInt(open.size())).cut();
                }
            }
            case 3 -> restartBroker();
            case 4 -> {
                SimulatedClient client = either();
                client.block(true);
                time.in(random.nextLong(3 * Plan.SECOND), () -> client.block(false));
            }
            case 5 -> restart(either(), true);
            case 6 -> either().doom();
            default -> restart(either(), false);
        }
    }

    private SimulatedClient either() {
        return random.nextBoolean() ? publisher : subscriber;
    }

    private void restartBroker() {
        boolean keeps = !plan.losesSessions() || random.nextBoolean();
        trace("broker restarts, " + (keeps ? "keeps sessions" : "loses sessions"));
        if (!keeps) {
            ledger.sessionsLost();
        }
        broker.restart(keeps);
        links.clear();
        brokerUp = false;
        time.in(random.nextLong(2 * Plan.SECOND), () -> brokerUp = true);
    }

    void restart(SimulatedClient client, boolean crashes) {
        if (!client.isUp()) {
            return;
        }
        if (crashes) {
            client.crash();
        } else {
            client.stop();
        }
        time.in(random.nextLong(3 * Plan.SECOND), client::start);
    }

    private void heal() {
        trace("everything heals");
        healed = true;
        publisher.spare();
        subscriber.spare();
        broker.misbehave().none();
        refuseVersions();
        links.removeIf(Link::isDead);
        if (plan.refuses() || plan.swallows() && (plan.is5() || !plan.retransmits())) {
            // Nothing but a new connection brings what was refused, or asks again for what was swallowed.
            List.copyOf(links).forEach(Link::cut);
        }
    }

    /** Both clients are ready, over links of which both ends know. */
    private boolean connectedForGood() {
        return publisher.isReady() && subscriber.isReady() && publisher.isLinked() && subscriber.isLinked();
    }

    private interface Condition {
        boolean holds();
    }

    private void runUntil(Condition condition, String otherwise) {
        long deadline = time.now() + HEALING_NANOS;
        while (!condition.holds()) {
            long due = Math.min(publisher.nextDeadline(), subscriber.nextDeadline());
            if (Math.min(due, time.next()) > deadline) {
                if (otherwise == null) {
                    return;
                }
                throw new Violation(otherwise);
            }
            broker.advanceTo(Math.max(time.now(), Math.min(due, time.next())));
            noticeExpiredSessions();
            if (time.next() <= due) {
                time.runNext();
            } else {
                time.advanceTo(due);
                (publisher.nextDeadline() == due ? publisher : subscriber).tick();
            }
        }
    }

    /** The client may never hear of it: CONNACK of the connection that began the next session can be lost. */
    private void noticeExpiredSessions() {
        for (SimulatedClient client : List.of(publisher, subscriber)) {
            if (client.wasEstablished() && !broker.hasSession(client.id())) {
                ledger.sessionsLost();
            }
        }
    }

    boolean isHealed() {
        return healed;
    }

    boolean brokerIsUp() {
        return brokerUp;
    }

    /** Whether this end hears nothing. */
    boolean halfOpen() {
        return !healed && random.nextInt(100) < plan.halfOpen();
    }

    long latency() {
        return Plan.MILLI / 10
                + (random.nextInt(10) == 0 ? random.nextLong(Plan.SECOND) : random.nextLong(20 * Plan.MILLI));
    }

    /** The next piece of these bytes: all, or some. */
    ByteBuffer piece(ByteBuffer bytes) {
        int size = random.nextInt(3) == 0 ? 1 + random.nextInt(bytes.remaining()) : bytes.remaining();
        ByteBuffer piece = ByteBuffer.allocate(size)
                .put(bytes.slice(bytes.position(), size))
                .flip();
        bytes.position(bytes.position() + size);
        return piece;
    }

    void trace(String what) {
        if (trace.size() == TRACED) {
            trace.remove();
        }
        trace.add(new Line(time.now() / 1000, what));
    }

    /** What happened last. */
    String trace() {
        return trace.stream()
                .map(line -> "%,15d µs  %s".formatted(line.micros, line.what))
                .collect(Collectors.joining("\n"));
    }
}
