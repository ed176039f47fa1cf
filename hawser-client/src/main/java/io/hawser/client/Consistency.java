package io.hawser.client;

import io.hawser.client.loop.ClientConfig;
import io.hawser.mqtt.BrokerProfile;
import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.mqtt.UserProperty;
import io.hawser.mqtt.Will;
import io.hawser.session.ProfileLimits;
import io.hawser.text.Utf8;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The checks that need all options of a client: which options exclude each other, and which protocol versions they
 * allow.
 */
final class Consistency {
    private final ClientConfig config;
    private final @Nullable String clientId;
    private final boolean freshCredentials;
    private final @Nullable Will will;

    /**
     * @param clientId null if none is given
     * @param freshCredentials whether the credentials are asked for before every attempt
     * @param will the will of every attempt, or null if there is none or it is asked for
     */
    Consistency(ClientConfig config, @Nullable String clientId, boolean freshCredentials, @Nullable Will will) {
        this.will = will;
        this.config = config;
        this.clientId = clientId;
        this.freshCredentials = freshCredentials;
    }

    /** Throws an {@link IllegalArgumentException} if one option excludes another. */
    void require() {
        List<ProtocolVersion> versions = config.session.versions;
        boolean authenticates = config.authentication != null;
        boolean retransmits = config.session.retransmission != null;
        boolean keeps = config.store != null;
        boolean only31 = versions.get(0) == ProtocolVersion.MQTT_3_1;
        String id = clientId == null ? "any" : clientId;
        if (only31 && (id.isEmpty() || id.length() > 23)) {
            throw new IllegalArgumentException("clientId '" + Utf8.printable(id) + "' has " + id.length()
                    + " characters, must have 1 to 23 in MQTT 3.1");
        }
        if (clientId == null && keeps) {
            throw new IllegalArgumentException(
                    "clientId is not given, must be with session(...): a random one would name"
                            + " another session with every client, and nobody would come back for what this one keeps");
        }
        if (id.isEmpty() && keeps) {
            throw new IllegalArgumentException("clientId is empty, must not be with a kept session [MQTT-3.1.3-7]");
        }
        if (authenticates && !versions.contains(ProtocolVersion.MQTT_5)) {
            throw new IllegalArgumentException("authentication is set, must not be in MQTT " + versions.get(0));
        }
        boolean five = versions.contains(ProtocolVersion.MQTT_5) && !retransmits;
        if (hasPasswordOnly() && !five) {
            throw new IllegalArgumentException("credentials have a password and no user name, must have one in MQTT "
                    + versions.get(versions.contains(ProtocolVersion.MQTT_5) && versions.size() > 1 ? 1 : 0));
        }
        if (authenticates && retransmits) {
            throw new IllegalArgumentException(
                    "authentication is set, must not be with retransmission: one needs MQTT 5.0,"
                            + " the other any version but that");
        }
        boolean begins = keeps && config.session.cleanStart;
        if (begins && !five) {
            throw new IllegalArgumentException("cleanStart is set, must not be without MQTT 5.0"
                    + (retransmits ? ", which retransmission excludes" : ": no other version has such a session"));
        }
        if (retransmits && versions.equals(List.of(ProtocolVersion.MQTT_5))) {
            throw new IllegalArgumentException("retransmission is set, must not be in MQTT " + versions.get(0));
        }
        requireWithinProfile();
    }

    /** Checks what CONNECT says against the limits of the broker. */
    private void requireWithinProfile() {
        BrokerProfile broker = config.session.broker;
        Duration keepAlive = Duration.ofSeconds(config.session.keepAliveSeconds);
        if (keepAlive.compareTo(broker.shortestKeepAlive()) < 0 || keepAlive.compareTo(broker.longestKeepAlive()) > 0) {
            throw beyond(
                    "keepAlive is " + keepAlive,
                    broker.shortestKeepAlive() + " to " + broker.longestKeepAlive(),
                    "set keepAlive(...) within these bounds");
        }
        if (clientId != null && Utf8.length("clientId", clientId) > broker.clientIdBytes()) {
            throw beyond(
                    "clientId has " + Utf8.length("clientId", clientId) + " bytes",
                    "client identifiers of up to " + broker.clientIdBytes() + " bytes",
                    "shorten it");
        }
        List<UserProperty> properties = config.session.userProperties;
        if (!properties.isEmpty() && !broker.userPropertiesInConnect()) {
            throw beyond("userProperty is set", "user properties in PUBLISH only", "put them on each Message");
        }
        String objection = ProfileLimits.objectionTo(broker, properties);
        if (objection != null) {
            throw beyond("userProperty is set", objection, "leave some out");
        }
        RequestRejectedException will = this.will == null
                ? null
                : ProfileLimits.objectionTo(
                        broker, this.will.message(), versions().get(0));
        if (will != null) {
            throw new IllegalArgumentException("will is beyond a limit: " + will.getMessage());
        }
    }

    private IllegalArgumentException beyond(String what, String limit, String remedy) {
        return new IllegalArgumentException(
                what + ", and " + ProfileLimits.inWords(config.session.broker, limit, remedy));
    }

    /**
     * The versions that all options allow. MQTT 5.0 forbids retransmission; enhanced authentication, passwords without
     * a user name, and a session that is kept and begins anew need MQTT 5.0.
     */
    List<ProtocolVersion> versions() {
        List<ProtocolVersion> versions = new ArrayList<>(config.session.versions);
        if (config.session.retransmission != null) {
            versions.remove(ProtocolVersion.MQTT_5);
        }
        boolean begins = config.store != null && config.session.cleanStart;
        if (config.authentication != null || hasPasswordOnly() || begins) {
            versions.retainAll(List.of(ProtocolVersion.MQTT_5));
        }
        return List.copyOf(versions);
    }

    /**
     * Whether the program has given a password without a user name, which MQTT 3.x cannot say; false for a supplier,
     * which nobody has asked yet.
     */
    private boolean hasPasswordOnly() {
        Credentials given = freshCredentials ? null : config.credentials.get();
        return given != null && given.userName() == null;
    }
}
