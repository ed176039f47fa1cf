package io.hawser.session;

import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.wire.PacketSink;
import io.hawser.wire.Properties;
import io.hawser.wire.Subscribe;
import io.hawser.wire.Unsubscribe;
import java.util.List;

/** The requests of one SUBSCRIBE or UNSUBSCRIBE that waits for its answer. */
final class SubscriptionBatch {
    final int packetId;
    final List<SubscriptionRequest> requests;
    /** The sequence of the message that was sent before. */
    long sentBehind;
    /** How often the packet has been sent on this connection, where it is repeated. */
    int times = 1;

    long retransmitAtNanos;

    SubscriptionBatch(int packetId, List<SubscriptionRequest> requests) {
        this.packetId = packetId;
        this.requests = requests;
    }

    boolean subscribes() {
        return requests.get(0).subscribes();
    }

    /** Whether two requests may share a packet: it is of one kind, and its properties are for all of it. */
    static boolean mayShare(SubscriptionRequest one, SubscriptionRequest other, Capabilities capabilities) {
        return one.subscribes() == other.subscribes()
                && capabilities.identifierOf(one) == capabilities.identifierOf(other)
                && one.properties().equals(other.properties());
    }

    /** @param again whether the packet has been sent on this connection before, which only MQTT 3.1 can say */
    void transmit(PacketSink sink, Capabilities capabilities, boolean again, long now) {
        for (SubscriptionRequest request : requests) {
            request.askedAtNanos = Math.min(request.askedAtNanos, now);
        }
        boolean duplicate = again && capabilities.version() == ProtocolVersion.MQTT_3_1;
        Properties properties = capabilities.adapted(requests.get(0).properties());
        if (subscribes()) {
            List<Subscription> subscriptions =
                    requests.stream().map(capabilities::adapted).toList();
            sink.subscribe(new Subscribe(packetId, subscriptions, properties, duplicate));
        } else {
            List<TopicFilter> filters =
                    requests.stream().map(SubscriptionRequest::filter).toList();
            sink.unsubscribe(new Unsubscribe(packetId, filters, properties, duplicate));
        }
    }

    /** An answer has one code for each request. */
    void requireCodes(String packet, List<ReasonCode> codes, String rule) {
        if (codes.size() != requests.size()) {
            throw new ProtocolException(
                    ReasonCode.PROTOCOL_ERROR,
                    packet + " has " + codes.size() + " codes for " + requests.size() + " filters " + rule);
        }
    }
}
