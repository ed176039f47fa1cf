package io.hawser.client.transport;

import io.hawser.mqtt.ConnectionException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Opens one connection: looks the name up, then races its addresses until the first is open, TLS and all other handshakes included
 * ("Happy Eyeballs", RFC 8305). The families of addresses take turns, beginning with that of the resolver's first; the next address starts when one fails,
 * or {@link #STAGGER_NANOS} after the last while nobody has answered. An address that has answered holds the others up for
 * longer, for an equal share of the time that is left: its handshakes take their time, and need not be done twice.
 *
 * <p>Lives on its event loop; only {@link #run}, which cancels it, may be called from anywhere.
 */
final class Attempt implements Opening, Runnable {
    /** Connection Attempt Delay: RFC 8305, section 8, recommends 250 ms. */
    private static final long STAGGER_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private static final List<Place> NONE = List.of();

    private final SocketEventLoop loop;
    private final Target target;
    private final ConnectionHandler handler;
    private final long deadlineNanos;

    private boolean prepared;
    private List<Place> places = NONE;
    private int tried;

    /** An address, and the way to the server that has it. */
    private record Place(Road road, InetAddress address) {}

    /** The connections that are being opened. */
    private final List<Layer> racing = new ArrayList<>(1);
    /** When the last of them began. */
    private long lastStartNanos;
    /** The one that was first, when it is all over. */
    private @Nullable Layer opened;

    private @Nullable Runnable cancelDeadline;
    private @Nullable Runnable cancelStagger;
    /** Why the addresses tried so far failed, in words. */
    private String failures = "";

    private @Nullable Throwable cause;
    private boolean over;

    Attempt(SocketEventLoop loop, Target target, ConnectionHandler handler) {
        this.loop = loop;
        this.target = target;
        this.handler = handler;
        this.deadlineNanos = System.nanoTime() + target.timeoutNanos();
    }

    void start() {
        if (over) {
            return;
        }
        // A Unix domain socket is on this machine, and has no other address than its path.
        cancelDeadline = loop.schedule(this::timedOut, target.timeoutNanos());
        InetAddress literal = target.isUnix() ? InetAddress.getLoopbackAddress() : Ipv4.address(target.firstHost());
        if (literal != null && !target.asksDns() && !Road.mayBlock(target)) {
            prepared(List.of(new Place(Road.to(target), literal)));
            return;
        }
        Workers.LOOKUP.execute(this::prepare);
    }

    /** Off the loop, since both the lookup and the platform's trust store block. */
    private void prepare() {
        try {
            List<Place> found = target.asksDns() ? placesOfDomain() : places(target);
            loop.execute(() -> prepared(found));
        } catch (UnknownHostException e) {
            loop.execute(() -> giveUp(target.asksDns() ? Failures.words(e) : noAddress(), e));
        } catch (RuntimeException e) {
            loop.execute(() -> giveUp(Failures.words(e), e));
        }
    }

    private List<Place> places(Target at) throws UnknownHostException {
        Road road = Road.to(at);
        List<InetAddress> all = inTurns(loop.resolver().resolve(at.firstHost()));
        return all.stream().map(address -> new Place(road, address)).toList();
    }

    /** Of all brokers of the domain, in the order in which they are to be tried. */
    private List<Place> placesOfDomain() throws UnknownHostException {
        String domain = target.host();
        List<Place> all = new ArrayList<>();
        UnknownHostException unknown = null;
        boolean tls = target.tls() != null;
        for (Services.Broker record : Services.inOrder(loop.resolver().services(domain, tls), new SplittableRandom())) {
            try {
                if (tls && !Services.isOf(domain, record.host())) {
                    throw new UnknownHostException("the broker " + record.host() + " is not of the domain " + domain
                            + ", so that its certificate would prove nothing");
                }
                all.addAll(places(target.at(record.host(), record.port())));
            } catch (UnknownHostException e) {
                unknown = e;
            }
        }
        if (all.isEmpty() && unknown != null) {
            throw unknown;
        }
        return all;
    }

    private void prepared(List<Place> found) {
        if (!over) {
            prepared = true;
            places = reachable(found);
            startNext();
        }
    }

    private List<Place> reachable(List<Place> found) {
        List<Place> all = new ArrayList<>(found);
        all.removeIf(place -> !target.isUnix() && !target.tcp().canReach(place.address));
        if (all.isEmpty() && !found.isEmpty()) {
            failures = "no address is of the family of the local one";
        }
        return all;
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

    private String noAddress() {
        return "no address is known for " + (target.proxy() == null ? "this name" : "the name of the proxy");
    }

    private void timedOut() {
        if (!prepared) {
            giveUp("looking up the name took longer than " + Failures.time(target.timeoutNanos()), null);
            return;
        }
        for (Layer candidate : racing) {
            note(candidate, candidate.awaited() + " within " + Failures.time(target.timeoutNanos()), null);
        }
        giveUp(failures, cause);
    }

    private void startNext() {
        if (tried == places.size()) {
            if (racing.isEmpty()) {
                giveUp(failures.isEmpty() ? noAddress() : failures, cause);
            }
            return;
        }
        Layer candidate;
        try {
            Place place = places.get(tried++);
            candidate = place.road.layers(loop, place.address);
        } catch (IOException | RuntimeException e) {
            // No socket was to be had, or no engine for TLS; another address will not change that.
            giveUp(Failures.words(e), e);
            return;
        }
        racing.add(candidate);
        lastStartNanos = System.nanoTime();
        candidate.connect(this, handler);
        stagger();
    }

    /** Has the next address start in time. */
    private void stagger() {
        stopStagger();
        if (!over && tried < places.size()) {
            cancelStagger = loop.schedule(this::startNextUnlessAnswered, Math.min(STAGGER_NANOS, shareNanos()));
        }
    }

    /** Of the time that is left, what one of the addresses that have not ended may have for itself. */
    private long shareNanos() {
        return (deadlineNanos - System.nanoTime()) / (places.size() - tried + 1);
    }

    private void startNextUnlessAnswered() {
        boolean answered = racing.stream().anyMatch(Layer::isConnected);
        if (answered && System.nanoTime() - lastStartNanos < shareNanos()) {
            stagger();
        } else {
            startNext();
        }
    }

    @Override
    public void failed(Layer candidate, Throwable failure) {
        if (!over && racing.remove(candidate)) {
            candidate.abandon();
            note(candidate, Failures.words(failure), failure);
            startNext();
        }
    }

    private void note(Layer candidate, String words, @Nullable Throwable failure) {
        String address = candidate.address();
        failures +=
                (failures.isEmpty() ? "" : "; ") + (address.equals(target.firstHost()) ? "" : address + ": ") + words;
        if (cause == null) {
            cause = failure;
        } else if (failure != null && failure != cause) {
            cause.addSuppressed(failure);
        }
    }

    @Override
    public void succeeded(Layer candidate) {
        if (!over && racing.remove(candidate)) {
            end();
            opened = candidate;
            candidate.open();
        }
    }

    private void giveUp(String reason, @Nullable Throwable failure) {
        if (!over) {
            end();
            handler.closed(new ConnectionException("cannot connect to " + target.name() + ": " + reason, failure));
        }
    }

    /** Nothing more is tried, and what is being opened is given up. */
    private void end() {
        over = true;
        if (cancelDeadline != null) {
            cancelDeadline.run();
        }
        stopStagger();
        racing.forEach(Layer::abandon);
        racing.clear();
        places = NONE;
    }

    /** Closes whatever there is by now. */
    @Override
    public void run() {
        if (!loop.inEventLoop()) {
            loop.execute(this);
        } else if (!over) {
            end();
            loop.execute(() -> handler.closed(null));
        } else if (opened != null) {
            opened.close();
        }
    }

    private void stopStagger() {
        if (cancelStagger != null) {
            cancelStagger.run();
            cancelStagger = null;
        }
    }
}
