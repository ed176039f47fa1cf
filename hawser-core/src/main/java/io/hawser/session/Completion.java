package io.hawser.session;

import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.MessageDroppedException;
import io.hawser.mqtt.MessageDroppedException.Rule;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.ReasonCode;
import io.hawser.store.SessionLog;
import io.hawser.wire.Properties;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How publishes end: in the log first, then for the caller; and how many did. */
final class Completion {
    private static final PublishResult POSSIBLY_DUPLICATED = new PublishResult(ReasonCode.SUCCESS, "", List.of(), true);

    private final SessionLog log;
    private final Effects effects;
    /** What PUBREC said of messages that wait for PUBCOMP: empty, unless a broker says more than that it has them. */
    private Map<PublishRequest, PublishResult> said = Collections.emptyMap();

    private long acknowledged;
    private long dropped;
    /** Those of which nobody hears but by an event. */
    private long unheard;
    /** At so many, the next event is due. */
    private long nextTold = 1;

    Completion(SessionLog log, Effects effects) {
        this.log = log;
        this.effects = effects;
    }

    /** PUBREC has come for a message; what it says is told with the result. */
    void said(PublishRequest request, ReasonCode reasonCode, Properties properties) {
        if (reasonCode != ReasonCode.SUCCESS || !properties.isEmpty()) {
            if (said.isEmpty()) {
                said = new HashMap<>();
            }
            said.put(
                    request,
                    new PublishResult(reasonCode, properties.reasonString(), properties.userProperties(), false));
        }
    }

    /** The message begins anew, so what PUBREC has said of it counts no more. */
    void unsay(PublishRequest request) {
        if (!said.isEmpty()) {
            said.remove(request);
        }
    }

    private PublishResult resultOf(PublishRequest request, ReasonCode reasonCode, Properties properties) {
        PublishResult before = said.remove(request);
        if (before == null) {
            return reasonCode == ReasonCode.SUCCESS && properties.isEmpty()
                    ? request.possiblyDuplicated ? POSSIBLY_DUPLICATED : PublishResult.ACKNOWLEDGED
                    : new PublishResult(
                            reasonCode,
                            properties.reasonString(),
                            properties.userProperties(),
                            request.possiblyDuplicated);
        }
        return new PublishResult(
                before.reasonCode() == ReasonCode.SUCCESS ? reasonCode : before.reasonCode(),
                before.reasonString().isEmpty() ? properties.reasonString() : before.reasonString(),
                Stream.concat(before.userProperties().stream(), properties.userProperties().stream())
                        .toList(),
                request.possiblyDuplicated);
    }

    /** The broker has the message; this is what its last answer says. */
    void succeed(PublishRequest request, ReasonCode reasonCode, Properties properties) {
        PublishResult result = reasonCode == ReasonCode.SUCCESS && properties.isEmpty() && said.isEmpty()
                ? request.possiblyDuplicated ? POSSIBLY_DUPLICATED : PublishResult.ACKNOWLEDGED
                : resultOf(request, reasonCode, properties);
        acknowledged++;
        complete(request, result);
    }

    /** A QoS 0 message was handed to the network, which acknowledges nothing. */
    void sent(PublishRequest request) {
        complete(request, PublishResult.ACKNOWLEDGED);
    }

    private void complete(PublishRequest request, PublishResult result) {
        conclude(request, result, null);
        effects.complete(request, result);
    }

    void drop(PublishRequest request, Rule rule, String why) {
        refuse(request, new MessageDroppedException(rule, why));
    }

    void refuse(PublishRequest request, MqttException cause) {
        conclude(request, null, cause);
        lose(request, cause);
    }

    /** Ends a message that was accepted, which the log does not have or is not to settle. */
    void lose(PublishRequest request, MqttException cause) {
        forget(request, cause);
        if (request.isUnheard()) {
            unheard++;
            if (unheard >= nextTold) {
                nextTold = 2 * unheard;
                String topic = request.isLoaded() ? request.message().topic() : "";
                effects.event(new ConnectionEvent.PublishesFailed(unheard, topic, cause));
            }
        }
    }

    /** A new connection: what fails from now on is news. */
    void connected() {
        nextTold = unheard + 1;
    }

    /** Ends a message whose caller hears that it is not accepted. */
    void forget(PublishRequest request, MqttException cause) {
        dropped++;
        unsay(request);
        effects.fail(request, cause);
    }

    /** The log keeps the outcome of a message with a key until somebody has heard of it. */
    private void conclude(PublishRequest request, @Nullable PublishResult result, @Nullable MqttException failure) {
        if (!request.logged) {
            return;
        }
        if (request.key() == null) {
            log.settled(request);
        } else {
            request.conclude(result, failure);
            log.concluded(request);
            effects.concluded(request);
        }
    }

    long acknowledged() {
        return acknowledged;
    }

    long dropped() {
        return dropped;
    }
}
