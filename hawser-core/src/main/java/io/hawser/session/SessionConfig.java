package io.hawser.session;

import io.hawser.mqtt.BrokerProfile;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.QueuePolicy;
import io.hawser.mqtt.ReconnectPolicy;
import io.hawser.mqtt.UserProperty;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The options of a session, with their defaults. Whoever fills them in has checked them, and gives a {@link ClientSession} a
 * {@linkplain #copy copy} that nobody changes any more.
 */
public final class SessionConfig implements Cloneable {
    // Shared by all sessions that are given no others.
    private static final BrokerProfile BROKER = BrokerProfile.of("default");
    private static final QueuePolicy QUEUE = QueuePolicy.bounded(65_536);
    private static final ReconnectPolicy RECONNECT =
            ReconnectPolicy.exponential(Duration.ofSeconds(1), Duration.ofMinutes(2));
    private static final HoldPolicy UNHANDLED = new HoldPolicy(HoldPolicy.USUAL_GRACE_NANOS, false, 16 * 1024 * 1024);

    /** A window as large as the broker grants, within {@link #LARGEST_UNASKED} and {@link #EXACTLY_ONCE_UNASKED}. */
    public static final int BROKERS_WINDOW = 0;
    /**
     * The most messages in flight that nobody has asked for: enough for a million a second at a round trip of a millisecond, and
     * what goes out again after a cut is some hundred kilobytes of usual messages.
     */
    static final int LARGEST_UNASKED = 1_000;
    /** The same of QoS 2 before MQTT 5.0, where a broker cannot say what it takes: Mosquitto 2.0 drops the 21st. */
    static final int EXACTLY_ONCE_UNASKED = 20;

    public String clientId = "";
    /** Those to be tried, the highest first; at least one. */
    public List<ProtocolVersion> versions =
            List.of(ProtocolVersion.MQTT_5, ProtocolVersion.MQTT_3_1_1, ProtocolVersion.MQTT_3_1);
    /** Those to be tried in turn, which are told of by their {@code toString}; at least one when a session is made. */
    public List<?> servers = List.of();
    /** Whether the session ends with its connection. */
    public boolean cleanSession = true;
    /** Whether a session that is kept begins anew with the first connection (MQTT 5.0). */
    public boolean cleanStart;
    /** How long the broker is to keep a session that is kept (MQTT 5.0). */
    public long sessionExpirySeconds;
    /** 0 is off. */
    public int keepAliveSeconds = 60;

    public long pingTimeoutNanos = TimeUnit.SECONDS.toNanos(10);
    /** From the decision to connect to CONNACK. */
    public long connectTimeoutNanos = TimeUnit.SECONDS.toNanos(10);
    /** The acknowledgement window, which a broker of MQTT 5.0 may make smaller; {@link #BROKERS_WINDOW} if nobody has chosen one. */
    public int sendWindow = BROKERS_WINDOW;
    /** How many QoS 1 and 2 messages may be received and not acknowledged (MQTT 5.0). */
    public int receiveMaximum = 65_535;
    /** What becomes of received messages that no handler wants. */
    public HoldPolicy unhandled = UNHANDLED;
    /** The largest packet that may be received, in bytes. */
    public int maximumPacketSize = 16 * 1024 * 1024;
    /** How many topic aliases the broker may use (MQTT 5.0). */
    public int topicAliasMaximum = 16;
    /** Whether what MQTT 3.x cannot say is left out rather than refused. */
    public boolean dropMqtt5Attributes;
    /** Whether to go where a broker of MQTT 5.0 sends its clients. */
    public boolean followServerReference;
    /** Whether the broker is to add words and user properties to any answer (MQTT 5.0). */
    public boolean problemInformation = true;
    /** Whether to ask the broker for the base of response topics (MQTT 5.0). */
    public boolean responseInformation = true;
    /** Those of CONNECT (MQTT 5.0). */
    public List<UserProperty> userProperties = new ArrayList<>(0);

    public QueuePolicy queue = QUEUE;
    public ReconnectPolicy reconnect = RECONNECT;
    /** Null is off. */
    public @Nullable Retransmission retransmission;
    /** Whether a QoS 2 message goes out again when the broker lost the session before its PUBCOMP. */
    public boolean republishAmbiguous = true;
    /** How long a publish is tried again after the broker first had no room for it; 0 is not at all. */
    public long quotaPatienceNanos = TimeUnit.MINUTES.toNanos(1);
    /** Whether a message that ends each connection blocks the others rather than being set aside. */
    public boolean strictOrder;
    /** The limits of the broker beside those that it says in CONNACK. */
    public BrokerProfile broker = BROKER;
    /** Whether new credentials can be had for the next attempt. */
    public boolean freshCredentials;
    /** Of the randomness in waiting times. */
    public long seed;

    /** The same options, which do not follow later changes of these. */
    public SessionConfig copy() {
        try {
            SessionConfig copy = (SessionConfig) clone();
            copy.versions = List.copyOf(versions);
            copy.servers = List.copyOf(servers);
            copy.userProperties = List.copyOf(userProperties);
            return copy;
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }
}
