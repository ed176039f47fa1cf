package io.hawser.testing.simulation;

import io.hawser.mqtt.ReasonCode;
import io.hawser.testing.Grants;
import java.time.Duration;
import java.util.SplittableRandom;

/**
 * What MQTT 5.0 adds to one run.
 *
 * @param receiveMaximum what the broker takes
 * @param topicAliasMaximum what the broker takes
 * @param maximumPacketSize what the broker takes
 * @param sessionExpirySeconds what the broker makes of the client's, or -1 to leave it
 * @param serverKeepAliveSeconds what the broker makes of the client's, or -1 to leave it
 * @param clientReceiveMaximum what the clients take
 * @param clientTopicAliasMaximum what the clients take
 * @param expires whether some messages expire
 * @param rejects whether the broker refuses some messages
 * @param disconnects whether the broker says DISCONNECT now and then
 */
record Version5(
        int receiveMaximum,
        int topicAliasMaximum,
        int maximumPacketSize,
        int sessionExpirySeconds,
        int serverKeepAliveSeconds,
        int clientReceiveMaximum,
        int clientTopicAliasMaximum,
        boolean expires,
        boolean rejects,
        boolean disconnects) {
    /** Of a run with an older version. */
    static final Version5 NONE =
            new Version5(65_535, 0, SimulatedClient.MAXIMUM_PACKET_SIZE, -1, -1, 65_535, 0, false, false, false);

    private static final int SMALL_PACKET = 10_000;
    private static final ReasonCode[] REJECTIONS = {
        ReasonCode.QUOTA_EXCEEDED,
        ReasonCode.QUOTA_EXCEEDED,
        ReasonCode.NOT_AUTHORIZED,
        ReasonCode.UNSPECIFIED_ERROR,
        ReasonCode.PAYLOAD_FORMAT_INVALID
    };
    private static final ReasonCode[] GOODBYES = {
        ReasonCode.UNSPECIFIED_ERROR,
        ReasonCode.SERVER_BUSY,
        ReasonCode.SERVER_SHUTTING_DOWN,
        ReasonCode.ADMINISTRATIVE_ACTION,
        ReasonCode.SESSION_TAKEN_OVER,
        ReasonCode.CONNECTION_RATE_EXCEEDED,
        ReasonCode.NOT_AUTHORIZED
    };
    private static final ReasonCode[] REFUSALS = {
        ReasonCode.SERVER_BUSY,
        ReasonCode.SERVER_UNAVAILABLE,
        ReasonCode.QUOTA_EXCEEDED,
        ReasonCode.CONNECTION_RATE_EXCEEDED
    };

    /** @param repeats whether the broker sends messages twice, which a small receive maximum cannot bear */
    static Version5 of(SplittableRandom random, boolean repeats) {
        return new Version5(
                pick(random, 1, 2, 5, 65_535),
                pick(random, 0, 1, 2, 10),
                random.nextInt(4) == 0 ? SMALL_PACKET : SimulatedClient.MAXIMUM_PACKET_SIZE,
                pick(random, -1, -1, -1, 0, 3, 10),
                pick(random, -1, -1, 3, 30),
                repeats ? 65_535 : pick(random, 1, 2, 5, 65_535),
                pick(random, 0, 1, 2, 10),
                random.nextInt(2) == 0,
                random.nextInt(3) == 0,
                random.nextInt(2) == 0);
    }

    private static int pick(SplittableRandom random, int... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private static ReasonCode pick(SplittableRandom random, ReasonCode... choices) {
        return choices[random.nextInt(choices.length)];
    }

    static ReasonCode rejection(SplittableRandom random) {
        return pick(random, REJECTIONS);
    }

    static ReasonCode goodbye(SplittableRandom random) {
        return pick(random, GOODBYES);
    }

    static ReasonCode refusal(SplittableRandom random) {
        return pick(random, REFUSALS);
    }

    boolean forgetsSessions() {
        return sessionExpirySeconds >= 0;
    }

    void grantBy(Grants grants) {
        grants.receiveMaximum(receiveMaximum).topicAliasMaximum(topicAliasMaximum);
        if (maximumPacketSize == SMALL_PACKET) {
            grants.maximumPacketSize(SMALL_PACKET);
        }
        if (sessionExpirySeconds >= 0) {
            grants.sessionExpiry(Duration.ofSeconds(sessionExpirySeconds));
        }
        if (serverKeepAliveSeconds >= 0) {
            grants.serverKeepAlive(Duration.ofSeconds(serverKeepAliveSeconds));
        }
    }
}
