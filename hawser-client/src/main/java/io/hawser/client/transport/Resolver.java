package io.hawser.client.transport;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Turns a host name into its addresses, in the order in which to try them. May block: never called on an event loop. */
@FunctionalInterface
interface Resolver {
    Resolver SYSTEM = InetAddress::getAllByName;

    InetAddress[] resolve(String host) throws UnknownHostException;

    /** The brokers of a domain, as its SRV records tell. */
    default List<Services.Broker> services(String domain, boolean tls) throws UnknownHostException {
        return Services.lookup("dns:", domain, tls);
    }
}
