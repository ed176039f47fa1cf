package io.hawser.testing.simulation;

import io.hawser.mqtt.BrokerProfile;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.QueuePolicy;
import io.hawser.mqtt.ReconnectPolicy;
import io.hawser.session.HoldPolicy;
import io.hawser.session.Retransmission;
import io.hawser.session.SessionConfig;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What one run is like, all of it decided by the seed.
 *
 * @param messages how many messages are published while things go wrong
 * @param losesSessions whether broker restarts may forget the sessions
 * @param clientRestarts whether the clients restart too
 * @param swallows whether the broker leaves acknowledgements out for some time
 * @param repeats whether the broker sends every PUBLISH twice
 * @param refuses whether handlers refuse some messages and defer others
 * @param halfOpen how likely an end hears nothing of a cut, in percent
 * @param cutEveryNanos the mean time between two cuts
 * @param handlerNanos the longest time a handler takes
 * @param fallsBack whether the clients try every version first that is newer, and the broker refuses those
 * @param five what MQTT 5.0 adds
 * @param storage where the sessions are kept
 * @param quirks what is odd about the broker
 */
record Plan(
        long seed,
        ProtocolVersion version,
        int messages,
        int publisherInflight,
        int brokerInflight,
        QueuePolicy queue,
        boolean retransmits,
        boolean losesSessions,
        boolean clientRestarts,
        boolean swallows,
        boolean repeats,
        boolean refuses,
        int halfOpen,
        long cutEveryNanos,
        long handlerNanos,
        boolean fallsBack,
        Version5 five,
        Storage storage,
        Quirks quirks) {
    static final long MILLI = 1_000_000;
    static final long SECOND = 1000 * MILLI;
    static final long CHAOS_NANOS = 60 * SECOND;
    private static final List<ProtocolVersion> VERSIONS =
            List.of(ProtocolVersion.MQTT_5, ProtocolVersion.MQTT_3_1_1, ProtocolVersion.MQTT_3_1);

    static Plan of(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        QueuePolicy queue = QueuePolicy.bounded(pick(random, 3, 10, 1000));
        ProtocolVersion version = VERSIONS.get(random.nextInt(2) * (1 + random.nextInt(2)));
        boolean is5 = version == ProtocolVersion.MQTT_5;
        // The network then tells of each end of a connection, for that of a broker without a word is its verdict.
        boolean fallsBack = !is5 && random.nextInt(4) == 0;
        boolean repeats = random.nextInt(8) == 0;
        Quirks quirks = Quirks.of(seed, version, fallsBack);
        return new Plan(
                seed,
                version,
                10 + random.nextInt(40),
                pick(random, 1, 1, 3, 20),
                pick(random, 1, 4, 20),
                random.nextInt(4) == 0 ? queue.dropOldest() : queue,
                random.nextInt(4) == 0,
                random.nextInt(3) == 0,
                random.nextBoolean(),
                random.nextInt(4) == 0 & !quirks.tellsEnds(),
                repeats,
                random.nextInt(4) == 0,
                fallsBack ? 0 : pick(random, 0, 30, 80) * (quirks.tellsEnds() ? 0 : 1),
                pick(random, 1, 4, 20) * SECOND,
                pick(random, 1, 200, 3000) * MILLI,
                fallsBack,
                is5 ? Version5.of(random, repeats) : Version5.NONE,
                Storage.of(random),
                quirks);
    }

    /** The versions that the broker does not speak, the highest first. */
    List<ProtocolVersion> refusedVersions() {
        return fallsBack ? VERSIONS.subList(0, VERSIONS.indexOf(version)) : List.of();
    }

    private List<ProtocolVersion> triedVersions() {
        return fallsBack ? VERSIONS.subList(0, VERSIONS.indexOf(version) + 1) : List.of(version);
    }

    boolean is5() {
        return version == ProtocolVersion.MQTT_5;
    }

    private static int pick(SplittableRandom random, int... choices) {
        return choices[random.nextInt(choices.length)];
    }

    /** Whether messages at QoS 1 and 2 must come in the order in which they were published. */
    boolean ordered() {
        return publisherInflight == 1 && !quirks.hasSuspects();
    }

    /** Whether a publisher that keeps its session in memory loses it with its process. */
    boolean forgets() {
        return seed % 2 == 0;
    }

    SessionConfig session(String clientId, long clientSeed) {
        SessionConfig config = new SessionConfig();
        config.clientId = clientId;
        config.versions = triedVersions();
        config.servers = List.of("the broker");
        config.cleanSession = false;
        config.sessionExpirySeconds = CHAOS_NANOS / SECOND * 100;
        config.keepAliveSeconds = quirks.keepAliveSeconds();
        config.pingTimeoutNanos = 5 * SECOND;
        config.connectTimeoutNanos = 10 * SECOND;
        config.sendWindow = publisherInflight;
        config.receiveMaximum = five.clientReceiveMaximum();
        config.unhandled = new HoldPolicy(HoldPolicy.USUAL_GRACE_NANOS, false, 1 << 20);
        config.maximumPacketSize = SimulatedClient.MAXIMUM_PACKET_SIZE;
        config.topicAliasMaximum = five.clientTopicAliasMaximum();
        config.queue = queue;
        config.reconnect = ReconnectPolicy.exponential(Duration.ofMillis(100), Duration.ofSeconds(5));
        config.retransmission = retransmits ? new Retransmission(Duration.ofSeconds(1), 10_000, 2) : null;
        config.republishAmbiguous = seed % 8 != 0;
        config.quotaPatienceNanos = 3_600 * SECOND;
        config.strictOrder = ordered();
        config.broker = BrokerProfile.of("simulated").filtersPerPacket(1 + (int) (seed % 8));
        config.seed = clientSeed;
        return config;
    }
}
