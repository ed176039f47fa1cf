package io.hawser.testing.simulation;

import io.hawser.mqtt.ConnectionException;
import io.hawser.testing.ModelBroker;
import io.hawser.testing.Peer;
import java.nio.ByteBuffer;

/**
 * One network connection: bytes arrive late, in pieces and in order, until the link is cut. Each end hears of its end at its
 * own time, or, if it is half open, never.
 */
final class Link implements ModelBroker.Output {
    private final World world;
    private final SimulatedClient client;
    private final Peer peer;
    private long brokerHasAll;
    private long clientHasAll;
    private boolean cut;
    private boolean clientKnows;
    private boolean brokerKnows;
    private boolean closedByBroker;

    Link(World world, SimulatedClient client, ModelBroker broker) {
        this.world = world;
        this.client = client;
        this.peer = broker.connect(this);
        world.links.add(this);
    }

    /** From the client to the broker. */
    void fromClient(ByteBuffer bytes) {
        if (clientKnows) {
            return;
        }
        while (bytes.hasRemaining()) {
            ByteBuffer piece = world.piece(bytes);
            brokerHasAll = Math.max(brokerHasAll, world.time.now() + world.latency());
            world.time.at(brokerHasAll, client, () -> {
                if (!cut && !brokerKnows) {
                    peer.received(piece);
                }
            });
        }
    }

    void closedByClient() {
        clientKnows = true;
        brokerHasAll = Math.max(brokerHasAll, world.time.now() + world.latency());
        world.time.at(brokerHasAll, () -> {
            if (!cut) {
                tellBroker();
            }
        });
    }

    /** From the broker to the client. */
    @Override
    public void send(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            ByteBuffer piece = world.piece(bytes);
            clientHasAll = Math.max(clientHasAll, world.time.now() + world.latency());
            world.time.at(clientHasAll, client, () -> {
                if (!cut && !clientKnows) {
                    client.received(this, piece);
                }
            });
        }
    }

    /** Closed by the broker. */
    @Override
    public void close() {
        brokerKnows = true;
        closedByBroker = true;
        clientHasAll = Math.max(clientHasAll, world.time.now() + world.latency());
        if (world.halfOpen()) {
            cut = true;
        }
        world.time.at(clientHasAll, client, () -> {
            if (!cut) {
                tellClient();
            }
        });
    }

    /** What is on its way is lost. */
    void cut() {
        if (cut) {
            return;
        }
        world.trace(client + ": link cut");
        cut = true;
        if (!world.halfOpen()) {
            world.time.in(world.latency(), client, this::tellClient);
        }
        if (!world.halfOpen()) {
            world.time.in(world.latency(), this::tellBroker);
        }
    }

    /** The broker reads nothing from this link for a while. */
    void stall(long nanos) {
        brokerHasAll = Math.max(brokerHasAll, world.time.now() + nanos);
        world.readUpTo(brokerHasAll);
        world.trace(client + ": the broker does not read for " + nanos / Plan.MILLI + " ms");
    }

    boolean isDead() {
        return cut || clientKnows || brokerKnows;
    }

    private void tellBroker() {
        world.links.remove(this);
        if (!brokerKnows) {
            brokerKnows = true;
            peer.closed();
        }
    }

    private void tellClient() {
        if (!clientKnows) {
            clientKnows = true;
            // Bad networks reset connections, too, and must not make a message fail.
            boolean byPeer = closedByBroker || world.random.nextBoolean();
            client.lost(this, new ConnectionException("the link ended"), byPeer);
        }
    }
}
