package io.hawser.client.transport;

import io.hawser.mqtt.ConnectionException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Opens one connection: looks the name up, then races its addresses until the first is open, TLS and all other handshakes included
 * ("Happy Eyeballs", RFC 8305). The families of addresses take turns, beginning with that of the resolver's first; the next address starts when one fails,
 * or {@link #STAGGER_NANOS} after the last while nobody has answered. An address that has answered holds the others up for
 * longer, for an equal share of the time that is left: its handshakes take their time, and need not be done twice.
 *
 * <p>Lives on its event loop; only {@link #run}, which cancels it, may be called from anywhere.
 */
final class Attempt implements Opening, Places.Seeker, EventLoop.Connecting {
    /** Connection Attempt Delay: RFC 8305, section 8, recommends 250 ms. */
    private static final long STAGGER_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final SocketEventLoop loop;
    private final Target target;
    private final ConnectionHandler handler;
    private final long deadlineNanos;

    private final Places<Road> places;

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
        this.places = new Places<>(loop, loop.resolver(), Road::to, target, this);
    }

    void start() {
        if (over) {
            return;
        }
        cancelDeadline = loop.schedule(this::timedOut, target.timeoutNanos());
        lastStartNanos = System.nanoTime();
        try {
            places.begin();
        } catch (RuntimeException e) {
            unusable(e);
        }
    }

    @Override
    public void unusable(RuntimeException failure) {
        giveUp(Failures.words(failure), failure);
    }

    private void timedOut() {
        String time = Failures.time(target.timeoutNanos());
        for (Layer candidate : racing) {
            note(candidate, candidate.awaited() + " within " + time, null);
        }
        for (String lookup : places.lookups()) {
            note(lookup + " took longer than " + time, null);
        }
        giveUp(failures, cause);
    }

    @Override
    public String awaited() {
        List<String> words = new ArrayList<>();
        for (Layer candidate : racing) {
            words.add(prefix(candidate) + candidate.awaited());
        }
        for (String lookup : places.lookups()) {
            words.add(lookup + " lasts");
        }
        return (failures.isEmpty() || words.isEmpty() ? failures : failures + "; ") + String.join("; ", words);
    }

    /** Tries the next address, or looks up the next name; gives up if there is neither, and nothing on the way. */
    @Override
    public void goOn() {
        if (over) {
            return;
        }
        Places.Place<Road> place = places.poll();
        if (place != null) {
            start(place);
        } else {
            places.lookUpNext();
            if (racing.isEmpty() && places.lookups().isEmpty()) {
                giveUp(failures, cause);
                return;
            }
            lastStartNanos = System.nanoTime();
        }
        stagger();
    }

    private void start(Places.Place<Road> place) {
        Layer candidate;
        try {
            candidate = place.road().layers(loop, place.address());
        } catch (IOException | RuntimeException e) {
            // No socket was to be had, or no engine for TLS; another address will not change that.
            giveUp(Failures.words(e), e);
            return;
        }
        racing.add(candidate);
        lastStartNanos = System.nanoTime();
        candidate.connect(this, handler);
    }

    /** Has the next address start in time. */
    private void stagger() {
        stopStagger();
        if (!over && places.left() > 0) {
            cancelStagger = loop.schedule(this::goOnUnlessAnswered, Math.min(STAGGER_NANOS, shareNanos()));
        }
    }

    /** Of the time that is left, what one of the addresses that have not ended may have for itself. */
    private long shareNanos() {
        return (deadlineNanos - System.nanoTime()) / (places.left() + 1);
    }

    private void goOnUnlessAnswered() {
        boolean answered = racing.stream().anyMatch(Layer::isConnected);
        boolean waits = answered || racing.isEmpty() && !places.lookups().isEmpty();
        if (waits && System.nanoTime() - lastStartNanos < shareNanos()) {
            stagger();
        } else {
            goOn();
        }
    }

    @Override
    public void failed(Layer candidate, Throwable failure) {
        if (!over && racing.remove(candidate)) {
            candidate.abandon();
            note(candidate, Failures.words(failure), failure);
            goOn();
        }
    }

    private void note(Layer candidate, String words, @Nullable Throwable failure) {
        note(prefix(candidate) + words, failure);
    }

    private String prefix(Layer candidate) {
        String address = candidate.address();
        return address.equals(target.firstHost()) ? "" : address + ": ";
    }

    @Override
    public void note(String words, @Nullable Throwable failure) {
        failures += (failures.isEmpty() ? "" : "; ") + words;
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
