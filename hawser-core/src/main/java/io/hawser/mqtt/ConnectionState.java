package io.hawser.mqtt;

/** Where a client stands with its broker. */
public enum ConnectionState {
    /** Not asked to connect yet, or disconnected on request. */
    DISCONNECTED,
    /** Opening the network connection or waiting for CONNACK. */
    CONNECTING,
    /** CONNACK has come; subscriptions are not all acknowledged yet. */
    CONNECTED,
    /** The session is settled and every subscription is acknowledged. */
    READY,
    /** Waiting to connect again. */
    WAITING,
    /** Closed for good. */
    CLOSED
}
