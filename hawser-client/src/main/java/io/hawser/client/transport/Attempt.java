package io.hawser.client.transport;

import io.hawser.mqtt.ConnectionException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * Opens one connection: looks the name up, then tries one address after the other until one is open, TLS included. Each
 * address may use an equal share of the time that is left, so that one that never answers leaves time for the others.
 *
 * <p>Lives on its event loop; only {@link #run}, which cancels it, may be called from anywhere.
 */
final class Attempt implements Opening, Runnable {
    private static final InetAddress[] NONE = {};

    private final SocketEventLoop loop;
    private final Target target;
    private final ConnectionHandler handler;
    private final long deadlineNanos;

    private @Nullable Road road;
    private InetAddress[] addresses = NONE;
    private int tried;
    /** What is being opened or, when it is all over, what it led to. */
    private @Nullable Layer current;

    private @Nullable Runnable cancelTimer;
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
        InetAddress literal = target.isUnix() ? InetAddress.getLoopbackAddress() : Ipv4.address(target.firstHost());
        if (literal != null && !Road.mayBlock(target)) {
            prepared(Road.to(target), new InetAddress[] {literal});
            return;
        }
        cancelTimer = loop.schedule(this::lookupTimedOut, target.timeoutNanos());
        Workers.LOOKUP.execute(this::prepare);
    }

    /** Off the loop, since both the lookup and the platform's trust store block. */
    private void prepare() {
        try {
            Road found = Road.to(target);
            InetAddress[] at = loop.resolver().resolve(target.firstHost());
            loop.execute(() -> prepared(found, at));
        } catch (UnknownHostException e) {
            loop.execute(() -> giveUp(noAddress(), e));
        } catch (RuntimeException e) {
            loop.execute(() -> giveUp(Failures.words(e), e));
        }
    }

    private void prepared(Road found, InetAddress[] at) {
        if (!over) {
            road = found;
            addresses = at;
            tryNext();
        }
    }

    private String noAddress() {
        return "no address is known for " + (target.proxy() == null ? "this name" : "the name of the proxy");
    }

    private void lookupTimedOut() {
        giveUp("looking up the name took longer than " + Failures.time(target.timeoutNanos()), null);
    }

    private void tryNext() {
        stopTimer();
        if (road == null || tried == addresses.length) {
            giveUp(addresses.length == 0 ? noAddress() : failures, cause);
            return;
        }
        long left = deadlineNanos - System.nanoTime();
        long share = left / (addresses.length - tried);
        Layer candidate;
        try {
            candidate = road.layers(loop, addresses[tried++]);
        } catch (IOException | RuntimeException e) {
            // No socket was to be had, or no engine for TLS; another address will not change that.
            giveUp(Failures.words(e), e);
            return;
        }
        current = candidate;
        cancelTimer = loop.schedule(() -> timedOut(candidate, share), share);
        candidate.connect(this, handler);
    }

    private void timedOut(Layer candidate, long share) {
        long waited = addresses.length == 1 ? target.timeoutNanos() : share;
        failed(candidate, candidate.awaited() + " within " + Failures.time(waited), null);
    }

    @Override
    public void failed(Layer candidate, Throwable failure) {
        failed(candidate, Failures.words(failure), failure);
    }

    private void failed(Layer candidate, String words, @Nullable Throwable failure) {
        if (over || candidate != current) {
            return;
        }
        current = null;
        candidate.abandon();
        String address = candidate.address();
        failures +=
                (failures.isEmpty() ? "" : "; ") + (address.equals(target.firstHost()) ? "" : address + ": ") + words;
        if (cause == null) {
            cause = failure;
        } else if (failure != null && failure != cause) {
            cause.addSuppressed(failure);
        }
        tryNext();
    }

    @Override
    public void succeeded(Layer candidate) {
        if (over || candidate != current) {
            return;
        }
        over = true;
        stopTimer();
        addresses = NONE;
        candidate.open();
    }

    private void giveUp(String reason, @Nullable Throwable failure) {
        if (over) {
            return;
        }
        over = true;
        stopTimer();
        current = null;
        handler.closed(new ConnectionException("cannot connect to " + target.name() + ": " + reason, failure));
    }

    /** Closes whatever there is by now. */
    @Override
    public void run() {
        if (!loop.inEventLoop()) {
            loop.execute(this);
        } else if (!over) {
            over = true;
            stopTimer();
            if (current != null) {
                current.abandon();
                current = null;
            }
            loop.execute(() -> handler.closed(null));
        } else if (current != null) {
            current.close();
        }
    }

    private void stopTimer() {
        if (cancelTimer != null) {
            cancelTimer.run();
            cancelTimer = null;
        }
    }
}
