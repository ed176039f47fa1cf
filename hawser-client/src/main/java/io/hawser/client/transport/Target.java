package io.hawser.client.transport;

import org.jspecify.annotations.Nullable;

/**
 * Where and how to connect.
 *
 * @param tls null for plain TCP
 * @param timeoutNanos the longest time that opening may take, from looking up the name to the end of the TLS handshake
 */
public record Target(String host, int port, @Nullable TlsSettings tls, long timeoutNanos) {}
