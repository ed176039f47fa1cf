package io.hawser.client;

import io.hawser.client.transport.Connection;
import io.hawser.client.transport.ConnectionHandler;
import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.Will;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** One network connection of a driver, from the attempt to its end; deaf once the driver has left it. */
final class Link implements ConnectionHandler {
    private final Driver driver;
    private @Nullable Connection connection;
    private @Nullable Will will;
    private @Nullable Credentials credentials;
    private @Nullable ClientExchange authentication;
    private volatile @Nullable Runnable abort;
    private volatile boolean left;

    Link(Driver driver) {
        this.driver = driver;
    }

    /** What CONNECT will say; before the attempt begins. */
    void greetWith(@Nullable Will will, @Nullable Credentials credentials, @Nullable ClientExchange authentication) {
        this.will = will;
        this.credentials = credentials;
        this.authentication = authentication;
    }

    @Nullable
    Will will() {
        return will;
    }

    @Nullable
    Credentials credentials() {
        return credentials;
    }

    @Nullable
    ClientExchange authentication() {
        return authentication;
    }

    /** How to end the attempt, now that it runs; perhaps on another thread than the loop's, and perhaps too late. */
    void abortWith(Runnable abort) {
        this.abort = abort;
        if (left) {
            abort.run();
        }
    }

    /** Whether the driver has left it. */
    boolean isLeft() {
        return left;
    }

    @Nullable
    Connection connection() {
        return connection;
    }

    /** The driver wants nothing more of this connection. */
    void leave(boolean close) {
        left = true;
        Runnable attempt = abort;
        if (connection == null && attempt != null) {
            attempt.run();
        } else if (close && connection != null) {
            connection.close();
        }
    }

    @Override
    public void opened(Connection opened) {
        connection = opened;
        // The connection is closed by itself from now on.
        abort = null;
        if (left) {
            opened.close();
        } else {
            driver.opened(this, opened);
        }
    }

    @Override
    public void received(ByteBuffer bytes) {
        if (!left) {
            driver.received(bytes);
            if (left) {
                // Nothing more will come of it, and what was decided must be done.
                driver.endTurn();
            }
        }
    }

    @Override
    public void receivedAll() {
        if (!left) {
            driver.endTurn();
        }
    }

    @Override
    public void written(ByteBuffer bytes) {
        if (!left) {
            driver.written(bytes);
        }
        OutputBuffer.giveBack(bytes);
    }

    @Override
    public void progressed() {
        if (!left) {
            driver.progressed();
        }
    }

    @Override
    public void closed(@Nullable Throwable cause) {
        boolean expected = left;
        left = true;
        driver.closed(this, cause, expected);
    }
}
