package io.hawser.testing.simulation;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.testing.Misbehaviour.Answer;
import io.hawser.testing.ModelBroker;
import io.hawser.testing.simulation.Quirks.Kind;
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
    private final Plant plant;
    final SplittableRandom random;
    final VirtualTime time = new VirtualTime();
    final Ledger ledger;
    final ModelBroker broker;
    final Set<Link> links = new LinkedHashSet<>();
    private final SimulatedClient publisher;
    private final SimulatedClient subscriber;
    private final Oddities oddities;
    private final Deque<Line> trace = new ArrayDeque<>();
    private boolean chaos;
    /** When the broker has read what it has let wait. */
    private long allRead;

    private boolean healed;
    private boolean brokerUp = true;
    /** How often the planted fault could have shown itself. */
    private int chances;

    private record Line(long micros, String what) {}

    World(Plan plan, Plant plant) {
        this.plan = plan;
        this.plant = plant;
        random = new SplittableRandom(~plan.seed());
        ledger = new Ledger(plan, time);
        broker = new ModelBroker(plan.brokerInflight());
        plan.five().grantBy(broker.grant());
        beOdd();
        publisher = new SimulatedClient(this, "publisher", null);
        subscriber = new SimulatedClient(this, "subscriber", "load/#");
        oddities = new Oddities(this, subscriber);
    }

    /** The broker is as it is for good. */
    private void beOdd() {
        broker.misbehave().quirks(plan.quirks().lasting());
        for (ProtocolVersion version : plan.refusedVersions()) {
            if (version == ProtocolVersion.MQTT_5 && plan.quirks().has(Kind.MIXES_CONNACK)) {
                continue;
            }
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
        chaos = true;
        plan(begin, begin + Plan.CHAOS_NANOS);
        time.at(begin + Plan.CHAOS_NANOS, this::heal);
        runUntil(() -> healed, "healing never came");
        // What a slow disk has held up may have cost a connection that nobody has missed yet.
        long calm = time.now() + CALMING_NANOS;
        time.at(calm, () -> {});
        runUntil(() -> time.now() >= calm && connectedForGood(), "the clients were never ready again");
        // Without anything new that could set in motion what has come to rest.
        runUntil(() -> ledger.unsettled() == null, "what was published before the healing was never settled");
        if (plan.quirks().hasSuspects()) {
            // Each trial ends a connection, and with it what is left of a session that does not outlive one.
            runFor(plan.quirks().patienceNanos(HEALING_NANOS), () -> openAtTheEnd() == null, null);
            stayConnected();
        }
        int last = ledger.size();
        for (int i = 0; i < LAST_MESSAGES; i++) {
            publish(ledger.next(Qos.of(1 + i % 2), 0, 0, false));
        }
        runUntil(() -> ledger.missing(last) == null && broker.pending("subscriber") == 0, null);
        if (ledger.missing(last) != null) {
            throw new Violation(ledger.missing(last));
        }
        runFor(plan.quirks().patienceNanos(HEALING_NANOS), () -> openAtTheEnd() == null, null);
        if (openAtTheEnd() != null) {
            throw new Violation(openAtTheEnd());
        }
        stayConnected();
        if (broker.pending("subscriber") > 0) {
            throw new Violation(broker.pending("subscriber")
                    + " messages are not acknowledged [3.1.1 MQTT-3.3.4-1] [5.0 MQTT-3.3.4-1] [MQTT-4.5.0-2]");
        }
    }

    /** When nothing is wrong any more, a connection ends only by what its client suspects, and then for the last time. */
    private void stayConnected() {
        for (int suspected = -1; suspected != suspected(); ) {
            suspected = suspected();
            runUntil(this::connectedForGood, "the clients did not stay connected");
            List<Link> standing = List.of(publisher.link(), subscriber.link());
            long quiet = time.now() + 100 * Plan.SECOND;
            // Without keep alive, nothing else happens.
            time.at(quiet, () -> {});
            runUntil(() -> time.now() >= quiet, "time stood still");
            if (!standing.equals(Arrays.asList(publisher.link(), subscriber.link())) && suspected == suspected()) {
                throw new Violation("a connection ended although nothing was wrong; was it silent?"
                        + " [3.1.1 MQTT-3.1.2-23] [5.0 MQTT-3.1.2-20] [5.0 MQTT-3.1.2-21]");
            }
        }
    }

    private int suspected() {
        return publisher.suspected() + subscriber.suspected();
    }

    /** What no time has settled, or null. */
    private String openAtTheEnd() {
        if (ledger.openForGood() != null) {
            return ledger.openForGood();
        }
        return publisher.open() == null ? subscriber.open() : publisher.open();
    }

    private void plan(long begin, long end) {
        oddities.plan(begin);
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
            Qos qos = Qos.of(random.nextInt(3));
            boolean bad = plan.quirks().hasBadTopics() && random.nextInt(8) == 0;
            publish(ledger.next(qos, padding, expirySeconds(), bad));
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
                time.in(random.nextLong(3 * Plan.SECOND), client, () -> client.block(false));
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
        time.in(random.nextLong(3 * Plan.SECOND), client, client::start);
    }

    private void heal() {
        trace("everything heals");
        healed = true;
        publisher.spare();
        subscriber.spare();
        broker.misbehave().none();
        beOdd();
        if (planted(Plant.DROPS_ANSWERS_FOR_EVER)) {
            broker.misbehave().swallow(Answer.PUBACK);
        }
        oddities.heal();
        links.removeIf(Link::isDead);
        if (plan.refuses() || oddities.needNewConnections() || plan.swallows() && (plan.is5() || !plan.retransmits())) {
            // Nothing but a new connection brings what was refused, or asks again for what was swallowed.
            List.copyOf(links).forEach(Link::cut);
        }
    }

    /** The broker reads from a link again at this time. A CONNECT that it finds there takes the session over from a later one. */
    void readUpTo(long nanos) {
        allRead = Math.max(allRead, nanos);
        time.at(nanos + Plan.SECOND, () -> {});
    }

    /** Both clients are ready, over links of which both ends know, and no link that was left has anything unread. */
    private boolean connectedForGood() {
        if (time.now() < allRead + Plan.SECOND) {
            return false;
        }
        // What has been set aside for no reason is tried again, and a session that has ended lacks it until then.
        boolean complete = plan.quirks().hasSuspects() || publisher.setAside() + subscriber.setAside() == 0;
        return complete && publisher.isReady() && subscriber.isReady() && publisher.isLinked() && subscriber.isLinked();
    }

    private interface Condition {
        boolean holds();
    }

    private void runUntil(Condition condition, String otherwise) {
        runFor(HEALING_NANOS, condition, otherwise);
    }

    private void runFor(long nanos, Condition condition, String otherwise) {
        long deadline = time.now() + nanos;
        while (!condition.holds()) {
            long due = Math.min(publisher.nextDeadline(), subscriber.nextDeadline());
            if (Math.min(due, time.next()) > deadline) {
                if (otherwise == null) {
                    return;
                }
                throw new Violation(
                        otherwise + ": " + ledger.unsettled() + ", " + publisher.open() + ", " + subscriber.open());
            }
            broker.advanceTo(Math.max(time.now(), Math.min(due, time.next())));
            noticeExpiredSessions();
            if (time.next() <= due) {
                time.runNext();
            } else {
                time.advanceTo(due);
                (publisher.nextDeadline() == due ? publisher : subscriber).tick();
            }
            publisher.requireAlive();
            subscriber.requireAlive();
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

    /** Whether this fault is planted in this run. */
    boolean planted(Plant fault) {
        return plant == fault;
    }

    /** Whether this fault shows itself now, which it does once, at the third chance. */
    boolean plantedOnce(Plant fault) {
        return plant == fault && ++chances == 3;
    }

    Plant plant() {
        return plant;
    }

    List<SimulatedClient> clients() {
        return List.of(publisher, subscriber);
    }

    boolean isHealed() {
        return healed;
    }

    boolean brokerIsUp() {
        return brokerUp;
    }

    /** Whether this end hears nothing. */
    boolean halfOpen() {
        return chaos && !healed && random.nextInt(100) < plan.halfOpen();
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
