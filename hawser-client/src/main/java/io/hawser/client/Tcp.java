package io.hawser.client;

import io.hawser.client.transport.TcpOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;

/**
 * How TCP connections are set up: where from, with which probes and buffers. By default the system chooses, and probes
 * connections that are idle for hours. Immutable.
 *
 * <p>What only some JDKs have is refused where it is said: probes need the module {@code jdk.net}, and
 * {@code TCP_USER_TIMEOUT} is in no JDK up to 25 (there the ping timeout does the same from above: output that stands
 * still ends the connection).
 */
public final class Tcp {
    private static final int MOST_BUFFER_BYTES = 256 << 20;
    private static final long MOST_SECONDS = 32_767;
    private static final int MOST_PROBES = 127;
    private static final Tcp SYSTEM = new Tcp(TcpOptions.DEFAULT);

    private final TcpOptions options;

    private Tcp(TcpOptions options) {
        this.options = options;
    }

    /** What the system chooses. */
    public static Tcp system() {
        return SYSTEM;
    }

    /** This, connecting from that address of this machine; addresses of servers of the other family are left out. */
    public Tcp from(InetAddress address) {
        return from(new InetSocketAddress(Objects.requireNonNull(address, "address"), 0));
    }

    /** As {@link #from(InetAddress)}, and from that port, unless it is 0. The system may keep a port from being used again for a minute. */
    public Tcp from(InetSocketAddress address) {
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("from: " + address + " has no address");
        }
        return new Tcp(options.from(address));
    }

    /** This, without probes of idle connections. MQTT's keep alive goes on. */
    public Tcp withoutKeepAlive() {
        return new Tcp(options.keepingAlive(false));
    }

    /**
     * This, where an idle connection is probed so often.
     *
     * @param idle how long nothing has come before the first probe, and
     * @param interval between probes: 1 second to 9 hours, in whole seconds
     * @param probes so many without an answer end the connection: 1 to 127
     * @throws UnsupportedOperationException if this JDK cannot say it to the system
     */
    public Tcp keepAlive(Duration idle, Duration interval, int probes) {
        return new Tcp(options.keepingAlive(true)
                .with("TCP_KEEPIDLE", seconds("idle", idle))
                .with("TCP_KEEPINTERVAL", seconds("interval", interval))
                .with("TCP_KEEPCOUNT", inRange("probes", probes, 1, MOST_PROBES)));
    }

    private static int seconds(String name, Duration time) {
        return (int) inRange("keepAlive: " + name + " in seconds", time.toSeconds(), 1, MOST_SECONDS);
    }

    /**
     * This with buffers of about these sizes in the system: 1 KiB to 256 MiB, or 0 for what the system chooses, which
     * mostly is better, since it lets them grow.
     */
    public Tcp buffers(int sendBytes, int receiveBytes) {
        return new Tcp(options.buffers(bufferBytes("sendBytes", sendBytes), bufferBytes("receiveBytes", receiveBytes)));
    }

    private static int bufferBytes(String name, int bytes) {
        return bytes == 0 ? 0 : inRange("buffers: " + name, bytes, 1024, MOST_BUFFER_BYTES);
    }

    /**
     * This, where what has been sent and is not acknowledged by the peer's system for so long ends the connection: 1 ms
     * to 24 days.
     *
     * @throws UnsupportedOperationException if this JDK has no {@code TCP_USER_TIMEOUT}
     */
    public Tcp userTimeout(Duration time) {
        int millis = (int) inRange("userTimeout in milliseconds", time.toMillis(), 1, Integer.MAX_VALUE);
        return new Tcp(options.with("TCP_USER_TIMEOUT", millis));
    }

    private static int inRange(String name, int value, int least, int most) {
        return (int) inRange(name, (long) value, least, most);
    }

    private static long inRange(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " is " + value + ", must be " + least + " to " + most);
        }
        return value;
    }

    TcpOptions options() {
        return options;
    }
}
