package io.hawser.testing;

import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.TopicFilter;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link ModelBroker} does wrong, on command; nothing by default. Each method returns this object, so that commands
 * can be chained; they add up until {@link #none}. Safe for use by any thread.
 */
public final class Misbehaviour {
    /** An answer that a broker owes its client. */
    public enum Answer {
        PUBACK,
        PUBREC,
        PUBCOMP,
        SUBACK,
        UNSUBACK,
        PINGRESP
    }

    private int refusals;
    private ReasonCode refusal = ReasonCode.SERVER_UNAVAILABLE;
    private @Nullable String reference;
    private int publishRefusals;
    private ReasonCode publishRefusal = ReasonCode.NOT_AUTHORIZED;
    private int silentCloses;
    private final Set<ProtocolVersion> refusedVersions = EnumSet.noneOf(ProtocolVersion.class);
    private final Set<ProtocolVersion> silentVersions = EnumSet.noneOf(ProtocolVersion.class);
    private final Set<Answer> swallowed = EnumSet.noneOf(Answer.class);
    private final Set<TopicFilter> refusedFilters = new HashSet<>();
    private int packetsUntilClose;
    private boolean publishTwice;
    private final Map<Class<? extends Quirk>, Quirk> quirks = new HashMap<>();

    Misbehaviour() {}

    /** Behaves well again. */
    public synchronized Misbehaviour none() {
        refusals = 0;
        publishRefusals = 0;
        silentCloses = 0;
        refusedVersions.clear();
        silentVersions.clear();
        swallowed.clear();
        refusedFilters.clear();
        packetsUntilClose = 0;
        publishTwice = false;
        quirks.clear();
        return this;
    }

    /** Refuses the next {@code count} CONNECT packets with the return code of this reason. */
    public synchronized Misbehaviour refuseConnects(int count, ReasonCode reason) {
        if (!reason.isError()) {
            throw new IllegalArgumentException("reason is " + reason + ", must be an error");
        }
        refusals = count;
        refusal = reason;
        reference = null;
        return this;
    }

    /** Refuses as {@link #refuseConnects} does, and names the server to go to instead: {@code host[:port]} (MQTT 5.0). */
    public synchronized Misbehaviour sendElsewhere(int count, ReasonCode reason, String serverReference) {
        refuseConnects(count, reason);
        reference = serverReference;
        return this;
    }

    /**
     * Refuses the next {@code count} messages at QoS 1 and 2 with this reason in PUBACK or PUBREC; in MQTT 3.x, which has no
     * refusal, by acknowledging without delivering.
     */
    public synchronized Misbehaviour refusePublishes(int count, ReasonCode reason) {
        if (!reason.isError()) {
            throw new IllegalArgumentException("reason is " + reason + ", must be an error");
        }
        publishRefusals = count;
        publishRefusal = reason;
        return this;
    }

    /** Refuses every CONNECT of this version with return code 1, as a broker does that does not know it [MQTT-3.1.2-2]. */
    public synchronized Misbehaviour refuseVersion(ProtocolVersion version) {
        refusedVersions.add(version);
        return this;
    }

    /** Answers the next {@code count} CONNECT packets by closing the connection, without CONNACK. */
    public synchronized Misbehaviour closeWithoutConnAck(int count) {
        silentCloses = count;
        return this;
    }

    /** Answers every CONNECT of this version by closing the connection, as brokers do that were not made for it. */
    public synchronized Misbehaviour closeOn(ProtocolVersion version) {
        silentVersions.add(version);
        return this;
    }

    /** Acts on requests as ever, but sends none of these answers. */
    public synchronized Misbehaviour swallow(Answer... answers) {
        swallowed.addAll(List.of(answers));
        return this;
    }

    /** Answers subscriptions to this filter with 0x80; in MQTT 3.1, which has no refusal, by granting without delivering. */
    public synchronized Misbehaviour refuseFilter(String filter) {
        refusedFilters.add(TopicFilter.of(filter));
        return this;
    }

    /** Closes a connection once its {@code count}th packet from now on has been handled, CONNECT included; 0 never. */
    public synchronized Misbehaviour closeAfterPackets(int count) {
        packetsUntilClose = count;
        return this;
    }

    /** Sends every PUBLISH twice, without DUP, as brokers do that repeat within a connection. */
    public synchronized Misbehaviour publishTwice(boolean twice) {
        publishTwice = twice;
        return this;
    }

    /** Has these quirks from now on, each in place of one of the same kind. */
    public synchronized Misbehaviour quirks(Quirk... added) {
        for (Quirk quirk : added) {
            quirks.put(quirk.getClass(), quirk);
        }
        return this;
    }

    /** The quirk of this kind, or null. */
    synchronized <Q extends Quirk> @Nullable Q quirk(Class<Q> kind) {
        return kind.cast(quirks.get(kind));
    }

    /** What to answer this CONNECT, or null to treat it as it deserves. */
    synchronized @Nullable ReasonCode connectRefusal(ProtocolVersion version) {
        if (refusedVersions.contains(version)) {
            return ReasonCode.UNSUPPORTED_PROTOCOL_VERSION;
        }
        return refusals > 0 && refusals-- > 0 ? refusal : null;
    }

    /** What to refuse the next message with, or null to take it. */
    synchronized @Nullable ReasonCode publishRefusal() {
        return publishRefusals > 0 && publishRefusals-- > 0 ? publishRefusal : null;
    }

    /** What CONNACK says beside the refusal. */
    synchronized Properties refusalProperties(ProtocolVersion version) {
        return reference == null || version != ProtocolVersion.MQTT_5
                ? Properties.NONE
                : Properties.NONE.with(Property.SERVER_REFERENCE, reference);
    }

    synchronized boolean refuses(ProtocolVersion version) {
        return refusedVersions.contains(version);
    }

    synchronized boolean closesWithoutConnAck(ProtocolVersion version) {
        if (silentVersions.contains(version)) {
            return true;
        }
        return silentCloses > 0 && silentCloses-- > 0;
    }

    synchronized boolean swallows(Answer answer) {
        return swallowed.contains(answer);
    }

    synchronized boolean refuses(TopicFilter filter) {
        return refusedFilters.contains(filter);
    }

    synchronized boolean closesAfterThisPacket() {
        return packetsUntilClose > 0 && --packetsUntilClose == 0;
    }

    synchronized boolean publishesTwice() {
        return publishTwice;
    }
}
