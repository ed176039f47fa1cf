package io.hawser.testing.simulation;

import io.hawser.mqtt.Message;
import io.hawser.session.InboundMessage;
import java.util.HashMap;
import java.util.Map;

/** The program's handler of one client: takes its time, and acknowledges, refuses or defers. */
final class Handler {
    private static final int ACKNOWLEDGE = 0;
    private static final int REFUSE = 1;
    private static final int DEFER = 2;

    private final World world;
    private final SimulatedClient client;
    /** The last message of each identifier that came. */
    private final Map<Integer, InboundMessage> handled = new HashMap<>();

    /** A message in the hands of a handler. */
    static final class Delivered extends InboundMessage {
        Delivered(Message message, int packetId, boolean duplicate) {
            super(message, packetId, duplicate);
        }
    }

    Handler(World world, SimulatedClient client) {
        this.world = world;
        this.client = client;
    }

    void take(InboundMessage message, int machine) {
        world.trace(client + ": handles " + Ledger.number(message.message()) + " #" + message.packetId());
        world.ledger.delivered(message.message(), machine);
        handled.put(message.packetId(), message);
        handle(message, machine, world.plan.refuses() ? world.random.nextInt(10) : ACKNOWLEDGE);
    }

    /** Takes a message that is none of those of the run, or one more copy of one. */
    void takeOther(InboundMessage message, int machine) {
        world.trace(client + ": handles " + message.message().topic() + " #" + message.packetId());
        world.time.in(1 + world.random.nextLong(world.plan.handlerNanos()), client, () -> {
            if (client.isMachine(machine)) {
                client.acknowledgeOther(message);
            }
        });
    }

    /** It returns after some time; what it does then is given. */
    private void handle(InboundMessage message, int machine, int deed) {
        world.time.in(1 + world.random.nextLong(world.plan.handlerNanos()), client, () -> {
            if (!client.isMachine(machine)) {
                return;
            }
            if (deed == REFUSE && !world.isHealed()) {
                world.trace(client + ": refuses " + Ledger.number(message.message()));
                client.refuse(message, handled.get(message.packetId()) == message);
            } else if (deed == DEFER) {
                client.defer(message);
                handle(message, machine, ACKNOWLEDGE);
            } else if (world.planted(Plant.BLOCKS_THE_ORDER_OF_ACKNOWLEDGEMENTS)) {
                world.trace(client + ": never acknowledges " + Ledger.number(message.message()));
            } else {
                world.trace(client + ": acknowledges " + Ledger.number(message.message()));
                client.acknowledge(message);
            }
        });
    }
}
