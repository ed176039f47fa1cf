package io.hawser.client.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The addresses that an {@link Attempt} has still to try. What may block runs on {@link Workers#LOOKUP}: the names of brokers that the
 * DNS has named are looked up one after the other, each when it is its turn. On the event loop.
 */
final class Places<R> {
    /** The most lookups of one attempt at a time: those that hang must leave threads to other attempts. */
    private static final int MOST_LOOKUPS = 3;

    /** An address, and the road that leads to it. */
    record Place<R>(R road, InetAddress address) {}

    /** Hears how the lookups go. */
    interface Seeker {
        /** Some address or name cannot be used, for this reason. */
        void note(String words, @Nullable Throwable failure);

        /** A lookup has ended: there are addresses to be tried, or names to be looked up, or none. */
        void goOn();

        /** Settings that all addresses have in common cannot be used. */
        void unusable(RuntimeException failure);
    }

    /** Looks something up, which may block. */
    @FunctionalInterface
    private interface Lookup<T> {
        T look() throws IOException;
    }

    private final Executor loop;
    private final Resolver resolver;
    /** Prepares the road to a target; may block if the target has TLS. */
    private final Function<Target, R> roads;

    private final Target target;
    private final Seeker seeker;
    /** Brokers whose names have not been looked up. */
    private final Deque<Target> unknown = new ArrayDeque<>(1);

    private final Deque<Place<R>> known = new ArrayDeque<>(1);
    /** The lookups that last, in words. */
    private final List<String> lookups = new ArrayList<>(1);

    Places(Executor loop, Resolver resolver, Function<Target, R> roads, Target target, Seeker seeker) {
        this.loop = loop;
        this.resolver = resolver;
        this.roads = roads;
        this.target = target;
        this.seeker = seeker;
    }

    /** Begins to look for the first addresses; the seeker hears of them, perhaps before this call returns. */
    void begin() {
        if (target.isUnix()) {
            look("looking at the file", () -> socketFile(target), this::add);
        } else if (target.asksDns()) {
            String words = "asking the DNS for the brokers of " + target.host();
            look(words, () -> resolver.services(target.host(), target.tls() != null), this::addBrokers);
        } else {
            InetAddress literal = Addresses.ipv4(target.firstHost());
            if (literal != null && target.tls() == null) {
                add(List.of(new Place<>(roads.apply(target), literal)));
            } else {
                unknown.add(target);
                lookUpNext();
            }
        }
    }

    /** Takes the next address; null if none is known now. */
    @Nullable
    Place<R> poll() {
        return known.poll();
    }

    /** Begins to look up the next name, if there is one and not too many lookups last. */
    void lookUpNext() {
        if (lookups.size() < MOST_LOOKUPS && !unknown.isEmpty()) {
            Target at = unknown.remove();
            String host = at.firstHost();
            String words = Addresses.ipv4(host) == null ? "looking up the name " + host : "preparing TLS for " + host;
            look(words, () -> addressesOf(at), this::add);
        }
    }

    /** How many addresses and names are left to be tried. */
    int left() {
        return known.size() + unknown.size();
    }

    /** The lookups that last, in words. */
    List<String> lookups() {
        return lookups;
    }

    private <T> void look(String words, Lookup<T> lookup, Consumer<T> found) {
        lookups.add(words);
        Workers.LOOKUP.execute(() -> {
            Runnable then;
            try {
                T result = lookup.look();
                then = () -> found.accept(result);
            } catch (IOException e) {
                then = () -> {
                    seeker.note(Failures.words(e), e);
                    seeker.goOn();
                };
            } catch (RuntimeException e) {
                then = () -> seeker.unusable(e);
            }
            Runnable last = then;
            loop.execute(() -> {
                lookups.remove(words);
                last.run();
            });
        });
    }

    private List<Place<R>> socketFile(Target target) throws IOException {
        Addresses.requireSocket(Path.of(target.host()));
        return List.of(new Place<>(roads.apply(target), InetAddress.getLoopbackAddress()));
    }

    private List<Place<R>> addressesOf(Target at) throws UnknownHostException {
        R road = roads.apply(at);
        InetAddress[] addresses;
        try {
            addresses = resolver.resolve(at.firstHost());
        } catch (UnknownHostException e) {
            throw withWords(noAddress(at), e);
        }
        return inTurns(addresses).stream()
                .map(address -> new Place<>(road, address))
                .toList();
    }

    private String noAddress(Target at) {
        return "no address is known for "
                + (at.proxy() != null ? "the name of the proxy" : target.asksDns() ? at.host() : "this name");
    }

    private static UnknownHostException withWords(String words, UnknownHostException cause) {
        UnknownHostException told = new UnknownHostException(words);
        told.initCause(cause);
        return told;
    }

    private void add(List<Place<R>> found) {
        List<Place<R>> all = new ArrayList<>(found);
        all.removeIf(place -> !target.isUnix() && !target.tcp().canReach(place.address));
        known.addAll(all);
        if (all.isEmpty()) {
            seeker.note(found.isEmpty() ? noAddress(target) : "no address is of the family of the local one", null);
        }
        seeker.goOn();
    }

    /** Queues the brokers of the domain in the order in which they are to be tried. */
    private void addBrokers(List<Services.Broker> records) {
        String domain = target.host();
        for (Services.Broker record : Services.inOrder(records, new SplittableRandom())) {
            if (target.tls() != null && !Services.isOf(domain, record.host())) {
                String words = "the broker " + record.host() + " is not of the domain " + domain
                        + ", so that its certificate would prove nothing";
                seeker.note(words, null);
            } else {
                unknown.add(target.at(record.host(), record.port()));
            }
        }
        seeker.goOn();
    }

    /** Families take turns, beginning with that of the first address; within a family, the order is kept: RFC 8305, section 4. */
    static List<InetAddress> inTurns(InetAddress[] at) {
        Deque<InetAddress> same = new ArrayDeque<>();
        Deque<InetAddress> other = new ArrayDeque<>();
        for (InetAddress address : at) {
            (address.getClass() == at[0].getClass() ? same : other).add(address);
        }
        List<InetAddress> all = new ArrayList<>(at.length);
        while (!same.isEmpty() || !other.isEmpty()) {
            Stream.of(same, other).map(Deque::poll).filter(Objects::nonNull).forEach(all::add);
        }
        return all;
    }
}
