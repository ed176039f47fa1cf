package io.hawser.testing;

import io.hawser.mqtt.Qos;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link ModelBroker} grants clients of MQTT 5.0 in CONNACK, and holds them to; by default all that the standard
 * allows, and no topic aliases. Each method returns this object. Safe for use by any thread; connections that stand keep what
 * they were granted.
 */
public final class Grants {
    private Properties properties = Properties.NONE;
    private @Nullable Supplier<AuthenticationScript> authentication;

    Grants() {}

    /** How many messages at QoS 1 and 2 a client may have unacknowledged: 1 to 65,535. */
    public Grants receiveMaximum(int receiveMaximum) {
        return with(Property.RECEIVE_MAXIMUM, receiveMaximum);
    }

    /** The highest quality of service that is taken: at most or at least once. */
    public Grants maximumQos(Qos maximumQos) {
        return with(Property.MAXIMUM_QOS, maximumQos.level());
    }

    /** Whether messages may be retained. */
    public Grants retainAvailable(boolean available) {
        return with(Property.RETAIN_AVAILABLE, available ? 1 : 0);
    }

    /** How many topic aliases a client may use: 0 to 65,535. */
    public Grants topicAliasMaximum(int topicAliasMaximum) {
        return with(Property.TOPIC_ALIAS_MAXIMUM, topicAliasMaximum);
    }

    /** The largest packet that is taken, in bytes, from 1. */
    public Grants maximumPacketSize(int bytes) {
        return with(Property.MAXIMUM_PACKET_SIZE, bytes);
    }

    /** The keep alive that replaces the client's: whole seconds, up to 65,535. */
    public Grants serverKeepAlive(Duration keepAlive) {
        return with(Property.SERVER_KEEP_ALIVE, keepAlive.toSeconds());
    }

    /** The session expiry that replaces the client's: whole seconds. */
    public Grants sessionExpiry(Duration expiry) {
        return with(Property.SESSION_EXPIRY_INTERVAL, expiry.toSeconds());
    }

    /** Whether filters may have wildcards. */
    public Grants wildcardSubscriptions(boolean available) {
        return with(Property.WILDCARD_SUBSCRIPTION_AVAILABLE, available ? 1 : 0);
    }

    /** Whether subscriptions may have identifiers. */
    public Grants subscriptionIdentifiers(boolean available) {
        return with(Property.SUBSCRIPTION_IDENTIFIER_AVAILABLE, available ? 1 : 0);
    }

    /** Whether subscriptions may be shared. */
    public Grants sharedSubscriptions(boolean available) {
        return with(Property.SHARED_SUBSCRIPTION_AVAILABLE, available ? 1 : 0);
    }

    /**
     * Lets only clients in that authenticate in steps, with a script of its own for each exchange. Without it, an
     * authentication method in CONNECT is refused with 0x8C.
     */
    public synchronized Grants authentication(Supplier<AuthenticationScript> scripts) {
        authentication = scripts;
        return this;
    }

    synchronized @Nullable Supplier<AuthenticationScript> authentication() {
        return authentication;
    }

    /** The base for response topics that a client is told. */
    public synchronized Grants responseInformation(String base) {
        properties = properties.with(Property.RESPONSE_INFORMATION, base);
        return this;
    }

    private synchronized Grants with(Property property, long value) {
        properties = properties.with(property, value);
        return this;
    }

    synchronized Properties properties() {
        return properties;
    }
}
