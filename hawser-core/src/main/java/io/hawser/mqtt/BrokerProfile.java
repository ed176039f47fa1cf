package io.hawser.mqtt;

import io.hawser.text.Utf8;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * The limits of a broker that it does not tell, or enforces by ending the connection. A client that knows them rejects what is
 * beyond a limit before it is sent, with a text that names profile and limit, and sends no faster than the broker takes. The
 * profiles here have the limits that vendors published on 2026-11-30; a limit that is not mentioned is the protocol's own. A quota
 * that was raised, or a broker that is configured otherwise, is one more call:
 * {@code BrokerProfile.AWS_IOT.connectsPerSecond(5)}. Each number can also be given alone, on {@code BrokerProfile.of("mine")}.
 *
 * <p>Immutable; methods with an argument return changed copies.
 */
public final class BrokerProfile implements Cloneable {
    /** The number that stands for no limit. */
    public static final int UNLIMITED = Integer.MAX_VALUE;

    private static final int LONGEST_TOPIC = 65_535;
    private static final int LONGEST_KEEP_ALIVE = 65_535;

    /**
     * AWS IoT Core, by "AWS IoT Core endpoints and quotas" (docs.aws.amazon.com/general/latest/gr/iot-core.html) and "MQTT"
     * (docs.aws.amazon.com/iot/latest/developerguide/mqtt.html): 8 filters per SUBSCRIBE, QoS 1, packets of 128 KiB, topics of 256
     * bytes and 8 levels (those of basic ingest not counted), 100 publishes and 512 KiB a second on a connection, 1 CONNECT a second for
     * a client identifier, 8 topic aliases, no subscription identifiers, keep alive of 30 s to 1,200 s, client identifiers of 128
     * bytes. What is beyond these ends the connection or is discarded.
     */
    public static final BrokerProfile AWS_IOT = of("AWS_IOT")
            .filtersPerPacket(8)
            .maximumQos(Qos.AT_LEAST_ONCE)
            .packetBytes(128 * 1024)
            .topicBytes(256)
            .topicLevels(8)
            .publishesPerSecond(100)
            .bytesPerSecond(512 * 1024)
            .connectsPerSecond(1)
            .topicAliases(8)
            .subscriptionIdentifiers(false)
            .keepAlive(Duration.ofSeconds(30), Duration.ofSeconds(1_200))
            .clientIdBytes(128);

    /**
     * Azure Event Grid namespaces, by "Azure Event Grid quotas and limits" (learn.microsoft.com/azure/event-grid/quotas-limits) and
     * "MQTT features supported" (learn.microsoft.com/azure/event-grid/mqtt-support): 10 filters per SUBSCRIBE, QoS 1, no shared
     * subscriptions, messages of 512 KiB, topics of 256 bytes and 8 levels, 1,000 publishes and 1 MiB a second in a session, 10
     * topic aliases, user properties of 32 KiB and in PUBLISH only, keep alive of 1 s to 1,160 s, client identifiers of 128 bytes.
     */
    public static final BrokerProfile AZURE_EVENT_GRID = of("AZURE_EVENT_GRID")
            .filtersPerPacket(10)
            .maximumQos(Qos.AT_LEAST_ONCE)
            .sharedSubscriptions(false)
            .packetBytes(512 * 1024)
            .topicBytes(256)
            .topicLevels(8)
            .publishesPerSecond(1_000)
            .bytesPerSecond(1024 * 1024)
            .topicAliases(10)
            .userPropertyBytes(32 * 1024)
            .userPropertiesInConnect(false)
            .keepAlive(Duration.ofSeconds(1), Duration.ofSeconds(1_160))
            .clientIdBytes(128);

    /**
     * RabbitMQ 4 as it comes, by "MQTT Plugin" (rabbitmq.com/docs/mqtt) and the release notes of 4.1: QoS 1, no shared
     * subscriptions, packets of 16 MiB ({@code mqtt.max_packet_size_authenticated}).
     */
    public static final BrokerProfile RABBITMQ = of("RABBITMQ")
            .maximumQos(Qos.AT_LEAST_ONCE)
            .sharedSubscriptions(false)
            .packetBytes(16 * 1024 * 1024);

    /**
     * EMQX 5 as it comes, by "MQTT Configuration" (docs.emqx.com/en/emqx/latest/configuration/mqtt.html): packets of 1 MiB
     * ({@code max_packet_size}) and topics of 128 levels ({@code max_topic_levels}).
     */
    public static final BrokerProfile EMQX = of("EMQX").packetBytes(1024 * 1024).topicLevels(128);

    /**
     * HiveMQ as it comes, by "MQTT-Specific Configuration" (docs.hivemq.com): its limits on packets, topics and client identifiers are
     * the protocol's own, and it tells the others in CONNACK, except that it takes 5 topic aliases.
     */
    public static final BrokerProfile HIVEMQ = of("HIVEMQ").topicAliases(5);

    /**
     * Mosquitto 2 as it comes: topics of 201 levels ({@code TOPIC_HIERARCHY_LIMIT} is 200 slashes, in its source); a deeper one ends
     * the connection. It tells its other limits in CONNACK of MQTT 5.0.
     */
    public static final BrokerProfile MOSQUITTO = of("MOSQUITTO").topicLevels(201);

    private final String name;
    private int filtersPerPacket = 8;
    private Qos maximumQos = Qos.EXACTLY_ONCE;
    private boolean retainAvailable = true;
    private boolean sharedSubscriptions = true;
    private boolean subscriptionIdentifiers = true;
    private int topicAliases = 65_535;
    private int packetBytes = UNLIMITED;
    private int topicBytes = LONGEST_TOPIC;
    private int topicLevels = UNLIMITED;
    private int userPropertyBytes = UNLIMITED;
    private int userProperties = UNLIMITED;
    private boolean userPropertiesInConnect = true;
    private Duration shortestKeepAlive = Duration.ZERO;
    private Duration longestKeepAlive = Duration.ofSeconds(LONGEST_KEEP_ALIVE);
    private int clientIdBytes = LONGEST_TOPIC;
    private int publishesPerSecond = UNLIMITED;
    private long bytesPerSecond = UNLIMITED;
    private int connectsPerSecond = UNLIMITED;
    /** Whether a limit concerns single messages or filters, so that each has to be looked at. */
    private boolean limitsRequests;

    private BrokerProfile(String name) {
        this.name = name;
    }

    /**
     * A profile without limits, but that a SUBSCRIBE has at most 8 filters.
     *
     * @param name for texts about its limits
     */
    public static BrokerProfile of(String name) {
        Utf8.requireSendable("profile name", Objects.requireNonNull(name, "name"));
        return new BrokerProfile(name);
    }

    /** The name in texts about a limit. */
    public String name() {
        return name;
    }

    /** The most filters in one SUBSCRIBE or UNSUBSCRIBE packet. */
    public int filtersPerPacket() {
        return filtersPerPacket;
    }

    /**
     * This profile with another number of filters in one SUBSCRIBE or UNSUBSCRIBE packet: 1 to 65,535 (default 8, the limit of AWS
     * IoT Core). If the broker ends connections on such packets, the client halves them by itself, down to one filter.
     */
    public BrokerProfile filtersPerPacket(int filters) {
        return with(copy -> copy.filtersPerPacket = require("filtersPerPacket", filters, 1, 65_535));
    }

    /** The highest quality of service that the broker takes. */
    public Qos maximumQos() {
        return maximumQos;
    }

    /** This profile with another highest QoS: a publish above it fails, a subscription asks for it at most (default 2). */
    public BrokerProfile maximumQos(Qos qos) {
        Objects.requireNonNull(qos, "maximumQos");
        return with(copy -> copy.maximumQos = qos);
    }

    /** Whether messages may be retained. */
    public boolean retainAvailable() {
        return retainAvailable;
    }

    /** This profile with or without retained messages (default: with). */
    public BrokerProfile retainAvailable(boolean available) {
        return with(copy -> copy.retainAvailable = available);
    }

    /** Whether {@code $share/…} may be subscribed to. */
    public boolean sharedSubscriptions() {
        return sharedSubscriptions;
    }

    /** This profile with or without shared subscriptions (default: with). */
    public BrokerProfile sharedSubscriptions(boolean available) {
        return with(copy -> copy.sharedSubscriptions = available);
    }

    /** Whether SUBSCRIBE may have a subscription identifier. */
    public boolean subscriptionIdentifiers() {
        return subscriptionIdentifiers;
    }

    /** This profile with or without subscription identifiers, which are left out then (default: with; MQTT 5.0). */
    public BrokerProfile subscriptionIdentifiers(boolean available) {
        return with(copy -> copy.subscriptionIdentifiers = available);
    }

    /** The most topic aliases that the client uses of those that the broker offers. */
    public int topicAliases() {
        return topicAliases;
    }

    /** This profile with another limit on topic aliases: 0 (off) to 65,535 (default; the client uses 256 at most; MQTT 5.0). */
    public BrokerProfile topicAliases(int aliases) {
        return with(copy -> copy.topicAliases = require("topicAliases", aliases, 0, 65_535));
    }

    /** The largest packet, in bytes. */
    public int packetBytes() {
        return packetBytes;
    }

    /** This profile with another limit on packets: 128 bytes to {@link #UNLIMITED} (default: the protocol's own, 256 MiB). */
    public BrokerProfile packetBytes(int bytes) {
        return with(copy -> copy.packetBytes = require("packetBytes", bytes, 128, UNLIMITED));
    }

    /** The longest topic name or filter, in bytes of UTF-8. */
    public int topicBytes() {
        return topicBytes;
    }

    /** This profile with another limit on topic names and filters: 1 to 65,535 bytes (default). */
    public BrokerProfile topicBytes(int bytes) {
        return with(copy -> copy.topicBytes = require("topicBytes", bytes, 1, LONGEST_TOPIC));
    }

    /** The most levels of a topic name or filter: one more than it has slashes. */
    public int topicLevels() {
        return topicLevels;
    }

    /**
     * This profile with another limit on the levels of topic names and filters: 1 to {@link #UNLIMITED} (default). The levels
     * {@code $share/name} and {@code $aws/rules/name} do not count.
     */
    public BrokerProfile topicLevels(int levels) {
        return with(copy -> copy.topicLevels = require("topicLevels", levels, 1, UNLIMITED));
    }

    /** The most bytes of all user properties of a packet. */
    public int userPropertyBytes() {
        return userPropertyBytes;
    }

    /** This profile with another limit on the names and values of the user properties of a packet together: 0 to {@link #UNLIMITED} (default) bytes. */
    public BrokerProfile userPropertyBytes(int bytes) {
        return with(copy -> copy.userPropertyBytes = require("userPropertyBytes", bytes, 0, UNLIMITED));
    }

    /** The most user properties of a packet. */
    public int userProperties() {
        return userProperties;
    }

    /** This profile with another limit on the number of user properties of a packet: 0 to {@link #UNLIMITED} (default). */
    public BrokerProfile userProperties(int count) {
        return with(copy -> copy.userProperties = require("userProperties", count, 0, UNLIMITED));
    }

    /** Whether packets other than PUBLISH may have user properties. */
    public boolean userPropertiesInConnect() {
        return userPropertiesInConnect;
    }

    /** This profile with or without user properties in CONNECT (default: with; MQTT 5.0). */
    public BrokerProfile userPropertiesInConnect(boolean available) {
        return with(copy -> copy.userPropertiesInConnect = available);
    }

    /** The shortest keep alive that the broker takes. */
    public Duration shortestKeepAlive() {
        return shortestKeepAlive;
    }

    /** The longest keep alive that the broker takes. */
    public Duration longestKeepAlive() {
        return longestKeepAlive;
    }

    /** This profile with other bounds on the keep alive: 0 (off) to 65,535 s (default: these). */
    public BrokerProfile keepAlive(Duration shortest, Duration longest) {
        Objects.requireNonNull(shortest, "shortest");
        Objects.requireNonNull(longest, "longest");
        if (shortest.isNegative() || longest.compareTo(shortest) < 0 || longest.toSeconds() > LONGEST_KEEP_ALIVE) {
            throw new IllegalArgumentException("keepAlive is " + shortest + " to " + longest
                    + ", must be within 0 and 65,535 s, and the first at most the second");
        }
        return with(copy -> {
            copy.shortestKeepAlive = shortest;
            copy.longestKeepAlive = longest;
        });
    }

    /** The longest client identifier, in bytes of UTF-8. */
    public int clientIdBytes() {
        return clientIdBytes;
    }

    /** This profile with another limit on client identifiers: 1 to 65,535 bytes (default). */
    public BrokerProfile clientIdBytes(int bytes) {
        return with(copy -> copy.clientIdBytes = require("clientIdBytes", bytes, 1, LONGEST_TOPIC));
    }

    /** The most PUBLISH packets that the client sends in any second. */
    public int publishesPerSecond() {
        return publishesPerSecond;
    }

    /**
     * This profile with another limit on the PUBLISH packets in any second, repetitions included: 1 to {@link #UNLIMITED} (default).
     * Messages beyond it stay queued for the fraction of a second that is missing; {@code PublishesPaced} tells of it.
     */
    public BrokerProfile publishesPerSecond(int publishes) {
        return with(copy -> copy.publishesPerSecond = require("publishesPerSecond", publishes, 1, UNLIMITED));
    }

    /** The most bytes of PUBLISH packets that the client sends in any second. */
    public long bytesPerSecond() {
        return bytesPerSecond;
    }

    /**
     * This profile with another limit on the bytes of PUBLISH packets in any second, as {@link #publishesPerSecond(int)}: 1 to 2<sup>40</sup>,
     * or {@link #UNLIMITED} (default). A packet of more than a tenth of it may go beyond, once in such a second.
     */
    public BrokerProfile bytesPerSecond(long bytes) {
        if (bytes < 1 || bytes > 1L << 40) {
            throw new IllegalArgumentException("bytesPerSecond is " + bytes + ", must be 1 to " + (1L << 40));
        }
        return with(copy -> copy.bytesPerSecond = bytes);
    }

    /** The most attempts to connect in a second. */
    public int connectsPerSecond() {
        return connectsPerSecond;
    }

    /** This profile with another limit on attempts to connect in a second: 1 to {@link #UNLIMITED} (default). */
    public BrokerProfile connectsPerSecond(int connects) {
        return with(copy -> copy.connectsPerSecond = require("connectsPerSecond", connects, 1, UNLIMITED));
    }

    /** Whether a message or filter can be beyond one of the limits. */
    public boolean limitsRequests() {
        return limitsRequests;
    }

    private BrokerProfile with(Consumer<BrokerProfile> change) {
        try {
            BrokerProfile copy = (BrokerProfile) clone();
            change.accept(copy);
            copy.limitsRequests = copy.maximumQos != Qos.EXACTLY_ONCE
                    || !copy.retainAvailable
                    || !copy.sharedSubscriptions
                    || copy.packetBytes < UNLIMITED
                    || copy.topicBytes < LONGEST_TOPIC
                    || copy.topicLevels < UNLIMITED
                    || copy.userPropertyBytes < UNLIMITED
                    || copy.userProperties < UNLIMITED;
            return copy;
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }

    private static int require(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(option + " is " + value + ", must be " + least + " to " + most);
        }
        return value;
    }

    @Override
    public String toString() {
        return "BrokerProfile[" + Utf8.printable(name) + "]";
    }
}
