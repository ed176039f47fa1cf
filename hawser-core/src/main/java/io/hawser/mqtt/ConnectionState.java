package io.hawser.mqtt;

/** The state of a client towards its broker. */
public enum ConnectionState {
    /** The client was not asked to connect yet, or its connection has just ended. */
    DISCONNECTED,
    /** The client opens the network connection, or waits for CONNACK. */
    CONNECTING,
    /** CONNACK has come; the broker has not answered every SUBSCRIBE yet. */
    CONNECTED,
    /** The broker has answered every SUBSCRIBE. */
    READY,
    /** The reconnect delay is running. */
    WAITING,
    /** The client is closed for good. */
    CLOSED
}
