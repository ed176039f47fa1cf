package io.hawser.testing.simulation;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.TopicFilter;
import io.hawser.testing.Poison;
import io.hawser.testing.Quirk;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * What is odd about the broker of one run, beyond what a network does. It is drawn from a source of its own, so that a new
 * kind leaves everything else about a seed as it was.
 *
 * @param code of the refusals that have an odd one
 * @param number how many filters a broker takes, or how far it exceeds the receive maximum
 * @param keepAliveSeconds of the clients; 0 in runs in which every end of a connection is told
 */
record Quirks(Set<Kind> kinds, int code, int number, int keepAliveSeconds) {
    /** A kind of oddity. */
    enum Kind {
        /** Closes on each PUBLISH to some topics. */
        CLOSES_ON_PUBLISH(true),
        /** Closes on each PUBLISH with a large payload, and blames it where it can. */
        CLOSES_ON_LARGE(true),
        /** Closes on each SUBSCRIBE with a certain filter. */
        CLOSES_ON_FILTER(true),
        /** Closes on requests with more than some filters. */
        CLOSES_ON_MANY_FILTERS(true),
        /** Closes on each UNSUBSCRIBE with a certain filter. */
        CLOSES_ON_UNSUBSCRIBE(true),
        /** Closes for a while on each CONNECT with a will, which all then have. */
        CLOSES_ON_WILL(true),
        /** Refuses publishes to some topics with any code. */
        ODD_PUBACK(true),
        /** Refuses a filter with any code. */
        ODD_SUBACK(true),
        /** Refuses the end of a subscription with any code. */
        ODD_UNSUBACK(true),
        EXCEEDS_RECEIVE_MAXIMUM(true),
        LACKS_EXACTLY_ONCE(false),
        MIXES_CONNACK(true),
        /** Takes packets of some small size at most, for a while. */
        PACKET_LIMIT(false),
        /** Does not read from some connections for a while. */
        STOPS_READING(true),
        /** Sends to its clients for a while, and answers nothing. */
        TALKS_ONLY(false),
        COPIES_PER_SUBSCRIPTION(true),
        FORGETS_UNRELEASED(true),
        /** Has no quota for a while. */
        QUOTA(true),
        /** Passes on what others publish with a field that is not allowed, retained and live. */
        POISON(true),
        /** Ends all connections again and again for a while, as a restless load balancer does. */
        STORM(true);

        /** Whether the client is expected to bear it. */
        private final boolean borne;

        Kind(boolean borne) {
            this.borne = borne;
        }
    }

    /** Names of {@link Kind}s that each run has, whether the client is expected to bear them or not. */
    static final String FORCED = "hawser.quirks";

    static final TopicFilter BAD_TOPICS = TopicFilter.of("bad/#");
    static final TopicFilter BAD_FILTER = TopicFilter.of("odd/filter");
    static final TopicFilter BAD_END = TopicFilter.of("odd/end");
    static final String FOREIGN = "foreign/";
    static final int LARGE = 10_000;

    private static final int ONE_IN = 16;
    private static final int FIRST_CODE = 0x80;
    private static final int QUOTA_EXCEEDED = 0x97;
    private static final int PACKET_TOO_LARGE = 0x95;
    private static final int FILTERS = 10;
    private static final int KEEP_ALIVE_SECONDS = 10;

    static Quirks of(long seed, ProtocolVersion version, boolean fallsBack) {
        SplittableRandom random = new SplittableRandom(seed * 0x9E37_79B9_7F4A_7C15L + 10);
        Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        String forced = System.getProperty(FORCED, "");
        for (Kind kind : Kind.values()) {
            boolean drawn = random.nextInt(ONE_IN) == 0 && kind.borne;
            boolean exists = exists(kind, version == ProtocolVersion.MQTT_5, fallsBack);
            if (exists && (drawn || Arrays.asList(forced.split(",")).contains(kind.name()))) {
                kinds.add(kind);
            }
        }
        if (kinds.contains(Kind.CLOSES_ON_PUBLISH)) {
            kinds.remove(Kind.CLOSES_ON_LARGE);
        }
        int code = FIRST_CODE + random.nextInt(128);
        int number = 1 + random.nextInt(8);
        boolean told = random.nextInt(4) == 0
                && !kinds.contains(Kind.TALKS_ONLY)
                && !kinds.contains(Kind.STOPS_READING)
                && !kinds.contains(Kind.LACKS_EXACTLY_ONCE);
        return new Quirks(
                kinds, code == QUOTA_EXCEEDED ? PACKET_TOO_LARGE : code, number, told ? 0 : KEEP_ALIVE_SECONDS);
    }

    private static boolean exists(Kind kind, boolean is5, boolean fallsBack) {
        return switch (kind) {
            case MIXES_CONNACK -> fallsBack;
            case ODD_PUBACK, ODD_UNSUBACK, EXCEEDS_RECEIVE_MAXIMUM, PACKET_LIMIT, COPIES_PER_SUBSCRIPTION, QUOTA -> is5;
            default -> true;
        };
    }

    boolean has(Kind kind) {
        return kinds.contains(kind);
    }

    /** Whether every end of a connection is told to both sides, so that nobody needs a keep alive. */
    boolean tellsEnds() {
        return keepAliveSeconds == 0;
    }

    /** Whether some requests are closed on, so that the end of one is a matter of hours. */
    boolean hasSuspects() {
        return has(Kind.CLOSES_ON_PUBLISH)
                || has(Kind.CLOSES_ON_MANY_FILTERS)
                || has(Kind.CLOSES_ON_LARGE)
                || has(Kind.CLOSES_ON_FILTER)
                || has(Kind.CLOSES_ON_UNSUBSCRIBE);
    }

    /** Those that do not pass. */
    Quirk[] lasting() {
        List<Quirk> lasting = new ArrayList<>();
        for (Kind kind : kinds) {
            Quirk quirk = quirk(kind);
            if (quirk != null) {
                lasting.add(quirk);
            }
        }
        return lasting.toArray(Quirk[]::new);
    }

    private Quirk quirk(Kind kind) {
        return switch (kind) {
            case CLOSES_ON_PUBLISH -> new Quirk.ClosesOnPublish(BAD_TOPICS, -1, 0);
            case CLOSES_ON_LARGE -> new Quirk.ClosesOnPublish(TopicFilter.of("#"), LARGE, PACKET_TOO_LARGE);
            case CLOSES_ON_FILTER -> new Quirk.ClosesOnFilter(BAD_FILTER);
            case CLOSES_ON_MANY_FILTERS -> new Quirk.ClosesOnManyFilters(number);
            case CLOSES_ON_UNSUBSCRIBE -> new Quirk.ClosesOnUnsubscribe(BAD_END);
            case ODD_PUBACK -> new Quirk.RefusesPublish(BAD_TOPICS, code);
            case ODD_SUBACK -> new Quirk.RefusesFilter(BAD_FILTER, code);
            case ODD_UNSUBACK -> new Quirk.RefusesUnsubscribe(BAD_END, code);
            case EXCEEDS_RECEIVE_MAXIMUM -> new Quirk.ExceedsReceiveMaximum(number * number);
            case LACKS_EXACTLY_ONCE -> new Quirk.LacksExactlyOnce();
            case MIXES_CONNACK -> new Quirk.MixesConnAck();
            case COPIES_PER_SUBSCRIPTION -> new Quirk.CopiesPerSubscription();
            case FORGETS_UNRELEASED -> new Quirk.ForgetsUnreleased();
            case CLOSES_ON_WILL, PACKET_LIMIT, STOPS_READING, TALKS_ONLY, QUOTA, POISON, STORM -> null;
        };
    }

    /** Whether messages to {@link #BAD_TOPICS} are among those that are published. */
    boolean hasBadTopics() {
        return has(Kind.CLOSES_ON_PUBLISH) || has(Kind.ODD_PUBACK);
    }

    /** Whether the broker never takes such a message. */
    boolean isBad(Message message) {
        return hasBadTopics() && BAD_TOPICS.matches(message.topicName())
                || has(Kind.CLOSES_ON_LARGE) && message.payloadSize() > LARGE;
    }

    /** Whether the broker never grants this filter, or its end. */
    boolean isBad(TopicFilter filter) {
        return filter.equals(BAD_FILTER) || filter.equals(BAD_END);
    }

    /** What the subscriber subscribes to beside the messages of the run. */
    List<String> filters() {
        List<String> filters = new ArrayList<>();
        if (has(Kind.CLOSES_ON_FILTER) || has(Kind.ODD_SUBACK)) {
            filters.add(BAD_FILTER.pattern());
        }
        if (has(Kind.CLOSES_ON_MANY_FILTERS)) {
            for (int i = 0; i < FILTERS; i++) {
                filters.add("more/" + i);
            }
        }
        if (has(Kind.COPIES_PER_SUBSCRIPTION)) {
            filters.add("load/+/#");
        }
        if (has(Kind.POISON) || has(Kind.TALKS_ONLY)) {
            filters.add(FOREIGN + "#");
        }
        return filters;
    }

    /** Whether the subscriber subscribes while things go wrong to what it then unsubscribes from. */
    boolean endsSubscriptions() {
        return has(Kind.CLOSES_ON_UNSUBSCRIBE) || has(Kind.ODD_UNSUBACK);
    }

    static Message foreign(SplittableRandom random) {
        return Message.of(FOREIGN + "message", "x").qos(Qos.of(random.nextInt(3)));
    }

    static Poison poison(SplittableRandom random) {
        return Poison.values()[random.nextInt(Poison.values().length)];
    }

    /** How long something may take when everything is well. */
    long patienceNanos(long usual) {
        return hasSuspects() ? Duration.ofHours(12).toNanos() : usual;
    }
}
