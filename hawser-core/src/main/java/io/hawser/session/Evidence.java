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
        boolean concernsNoPacket = reasonCode.isOneOf(
                ReasonCode.SERVER_UNAVAILABLE,
                ReasonCode.SERVER_BUSY,
                ReasonCode.SERVER_SHUTTING_DOWN,
                ReasonCode.KEEP_ALIVE_TIMEOUT,
                ReasonCode.SESSION_TAKEN_OVER,
                ReasonCode.MESSAGE_RATE_TOO_HIGH,
                ReasonCode.QUOTA_EXCEEDED,
                ReasonCode.RECEIVE_MAXIMUM_EXCEEDED,
                ReasonCode.ADMINISTRATIVE_ACTION,
                ReasonCode.USE_ANOTHER_SERVER,
                ReasonCode.SERVER_MOVED,
                ReasonCode.CONNECTION_RATE_EXCEEDED,
                ReasonCode.MAXIMUM_CONNECT_TIME);
        return concernsNoPacket ? NONE : PEER;
    }

    /** How many ends it counts as. */
    int weight() {
        return ordinal();
    }
}
