package io.hawser.testing.simulation;

import io.hawser.mqtt.ReasonCode;
import io.hawser.testing.Misbehaviour.Answer;
import io.hawser.testing.Quirk;
import io.hawser.testing.simulation.Quirks.Kind;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What the {@link Quirks} of a run that pass make happen while things go wrong. */
final class Oddities {
    private static final int LARGEST_PACKET = 268_435_455;
    private static final long LONG_NANOS = 40 * Plan.SECOND;
    /** Keep alive, three ping timeouts, and what the network and the disk take. */
    private static final long NOTICED_NANOS = 35 * Plan.SECOND;

    private static final byte[] CHAT = "0\u000f\u0000\u000cforeign/chatx".getBytes(StandardCharsets.ISO_8859_1);
    private static final byte[] CHAT_5 = "0\u0010\u0000\u000cforeign/chat\u0000x".getBytes(StandardCharsets.ISO_8859_1);
    private static final int POISONS = 6;

    private final World world;
    private final SimulatedClient subscriber;

    Oddities(World world, SimulatedClient subscriber) {
        this.world = world;
        this.subscriber = subscriber;
    }

    private boolean has(Kind kind) {
        return world.plan.quirks().has(kind);
    }

    private long someTime() {
        return world.random.nextLong(Plan.CHAOS_NANOS);
    }

    /** @param begin when things begin to go wrong */
    void plan(long begin) {
        if (has(Kind.CLOSES_ON_WILL)) {
            world.time.at(begin + someTime(), () -> world.broker.misbehave().quirks(new Quirk.ClosesOnWill()));
        }
        if (has(Kind.QUOTA)) {
            long from = begin + someTime() / 2;
            world.time.at(
                    from, () -> world.broker.misbehave().refusePublishes(Integer.MAX_VALUE, ReasonCode.QUOTA_EXCEEDED));
            world.time.at(
                    from + LONG_NANOS / 2,
                    () -> world.broker.misbehave().refusePublishes(0, ReasonCode.QUOTA_EXCEEDED));
        }
        for (int i = 0; i < 3 && has(Kind.PACKET_LIMIT); i++) {
            world.time.at(begin + someTime(), this::limitPackets);
        }
        for (int i = 0; i < 3 && has(Kind.STOPS_READING); i++) {
            world.time.at(begin + someTime(), this::stopReading);
        }
        if (has(Kind.TALKS_ONLY)) {
            world.time.at(begin + someTime() / 4, this::talkOnly);
        }
        if (has(Kind.STORM)) {
            world.time.at(begin + someTime() * 3 / 4, () -> storm(20));
        }
        if (world.plan.quirks().endsSubscriptions()) {
            planEnds(begin);
        }
        if (has(Kind.POISON)) {
            world.broker.publish(Quirks.foreign(world.random).retain(true), Quirks.poison(world.random));
            for (int i = 0; i < POISONS; i++) {
                world.time.at(begin + 2 * someTime(), this::poison);
            }
        }
    }

    private void planEnds(long begin) {
        for (int i = 0; i < 4; i++) {
            boolean subscribes = i % 2 == 0;
            world.time.at(begin + someTime(), () -> {
                if (subscriber.isUp()) {
                    subscriber.request(Quirks.BAD_END, subscribes);
                }
            });
        }
    }

    private void poison() {
        world.trace("somebody publishes poison");
        world.broker.publish(Quirks.foreign(world.random), Quirks.poison(world.random));
    }

    private void limitPackets() {
        if (world.isHealed()) {
            return;
        }
        int limit = world.random.nextInt(3) == 0 ? 1 + world.random.nextInt(4) : 40 + world.random.nextInt(160);
        world.trace("packets have " + limit + " bytes at most");
        world.broker.grant().maximumPacketSize(limit);
        world.ledger.limited(limit);
        List.copyOf(world.links).forEach(Link::cut);
    }

    private void stopReading() {
        for (SimulatedClient client : world.clients()) {
            Link link = client.link();
            if (link != null && world.random.nextBoolean()) {
                link.stall(world.random.nextLong(LONG_NANOS));
            }
        }
    }

    private void talkOnly() {
        world.trace("the broker answers nothing any more");
        world.broker.misbehave().swallow(Answer.values());
        chat();
        for (SimulatedClient client : world.clients()) {
            Link deaf = client.link();
            world.time.in(NOTICED_NANOS, () -> {
                if (deaf != null && deaf == client.link() && !world.isHealed()) {
                    throw new Violation(client + " has not noticed that its broker answers nothing");
                }
            });
        }
    }

    private void chat() {
        if (world.isHealed()) {
            return;
        }
        for (SimulatedClient client : world.clients()) {
            world.broker.send(client.id(), world.plan.is5() ? CHAT_5 : CHAT);
        }
        world.time.in(Plan.SECOND / 2, this::chat);
    }

    private void storm(int left) {
        if (left > 0 && !world.isHealed()) {
            world.trace("the broker ends all connections");
            world.broker.cutConnections();
            world.time.in(world.random.nextLong(2 * Plan.SECOND), () -> storm(left - 1));
        }
    }

    /** What passes has passed. */
    void heal() {
        if (has(Kind.PACKET_LIMIT)) {
            world.broker.grant().maximumPacketSize(LARGEST_PACKET);
            world.plan.five().grantBy(world.broker.grant());
        }
    }

    /** Whether only a new connection brings what is owed on those that there are. */
    boolean needNewConnections() {
        return has(Kind.TALKS_ONLY) || has(Kind.STOPS_READING) || has(Kind.PACKET_LIMIT);
    }
}
