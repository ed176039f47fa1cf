package io.hawser.session;

import io.hawser.mqtt.ReasonCode;

/** How strongly the end of a connection speaks against a request that was on the wire. */
enum Evidence {
    /** Not at all: this side ended the connection, or the network, or a reason that concerns no request. */
    NONE,
    /** The peer ended the connection. */
    PEER,
    /** The peer ended the connection with a reason that concerns a packet. */
    BLAMED;

    /** The evidence of a DISCONNECT with this reason. */
    static Evidence of(ReasonCode reasonCode) {
        if (reasonCode.isOneOf(
                ReasonCode.MALFORMED_PACKET,
                ReasonCode.PROTOCOL_ERROR,
                ReasonCode.NOT_AUTHORIZED,
                ReasonCode.TOPIC_FILTER_INVALID,
                ReasonCode.TOPIC_NAME_INVALID,
                ReasonCode.TOPIC_ALIAS_INVALID,
                ReasonCode.PACKET_TOO_LARGE,
                ReasonCode.PAYLOAD_FORMAT_INVALID,
                ReasonCode.RETAIN_NOT_SUPPORTED,
                ReasonCode.QOS_NOT_SUPPORTED,
                ReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED,
                ReasonCode.SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED,
                ReasonCode.WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED)) {
            return BLAMED;
        }
        // Any other reason may be a broker's answer to a packet, whatever its name: the trials show it.
        boolean concernsNoPacket = reasonCode.isOneOf(
                ReasonCode.SESSION_TAKEN_OVER, ReasonCode.USE_ANOTHER_SERVER, ReasonCode.SERVER_MOVED);
        return concernsNoPacket ? NONE : PEER;
    }

    /** How many ends it counts as. */
    int weight() {
        return ordinal();
    }
}
