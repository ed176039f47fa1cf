package io.hawser.client.transport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** An event loop as an {@link Attempt} sees it: what makes connections of its kind. */
interface Opener extends EventLoop {
    /**
     * For one more client: from now until it has left, the loop has a thread.
     *
     * @throws UncheckedIOException if the system has no selector
     */
    void join();

    Resolver resolver();

    /**
     * A connection to this address of the attempt's target, which {@link Candidate#connect} begins to open.
     *
     * @throws IOException if no socket was to be had
     */
    Candidate candidate(Attempt attempt, InetAddress address, @Nullable SSLContext tls) throws IOException;

    @Override
    default Runnable connect(Target target, ConnectionHandler handler) {
        Attempt attempt = new Attempt(this, target, handler);
        execute(attempt::start);
        return attempt;
    }
}
