package io.hawser.client.transport;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Turns a host name into its addresses, in the order in which to try them. May block: never called on an event loop. */
@FunctionalInterface
interface Resolver {
    Resolver SYSTEM = InetAddress::getAllByName;

    InetAddress[] resolve(String host) throws UnknownHostException;
}
