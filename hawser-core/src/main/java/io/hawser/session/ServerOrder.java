package io.hawser.session;

import io.hawser.mqtt.ReconnectPolicy;
import java.util.SplittableRandom;

/**
 * The order in which servers are tried, by their index: as given or at random, from the first or from the one that worked, and those
 * that rest after a failure only if all do.
 */
final class ServerOrder {
    private final ReconnectPolicy.Servers policy;
    /** The servers that were given, in the order of this client. */
    private final int[] order;
    /** Until when a server rests, by its index; the last place is that of a server to which another has sent its clients. */
    private final long[] restsUntil;

    ServerOrder(ReconnectPolicy.Servers policy, int given, long seed) {
        this.policy = policy;
        order = new int[given];
        restsUntil = new long[given + 1];
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < given; i++) {
            int other = policy.random() ? random.nextInt(i + 1) : i;
            order[i] = order[other];
            order[other] = i;
        }
    }

    int first() {
        return order.length == 0 ? 0 : order[0];
    }

    /** Lets a server rest that could not be connected to; returns for how long, in nanoseconds. */
    long failed(int server, long now) {
        long rest = policy.rest().toNanos();
        restsUntil[server] = now + rest;
        return rest;
    }

    void accepted(int server) {
        restsUntil[server] = 0;
    }

    /** The server to be tried after this one, of so many with the one that another has named. */
    int next(int server, int count, long now) {
        return pick(place(server) + 1, count, now);
    }

    /** The server to be tried after a connection to this one has ended. */
    int again(int server, int count, long now) {
        return policy.preferFirst() ? pick(0, count, now) : server;
    }

    private int pick(int from, int count, long now) {
        int best = -1;
        for (int i = 0; i < count; i++) {
            int candidate = at((from + i) % count);
            if (restsUntil[candidate] <= now) {
                return candidate;
            }
            if (best < 0 || restsUntil[candidate] < restsUntil[best]) {
                best = candidate;
            }
        }
        return best;
    }

    private int at(int place) {
        return place < order.length ? order[place] : place;
    }

    private int place(int server) {
        for (int i = 0; i < order.length; i++) {
            if (order[i] == server) {
                return i;
            }
        }
        return server;
    }
}
