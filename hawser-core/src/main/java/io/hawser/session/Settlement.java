package io.hawser.session;

import io.hawser.mqtt.MessageDroppedException;
import io.hawser.mqtt.MessageDroppedException.Rule;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.ReasonCode;
import io.hawser.store.SessionLog;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How publishes end: in the log first, then for the caller; and how many did. */
final class Settlement {
    private static final PublishResult POSSIBLY_DUPLICATED = new PublishResult(ReasonCode.SUCCESS, "", List.of(), true);

    private final SessionLog log;
    private final Effects effects;
    private long acknowledged;
    private long dropped;

    Settlement(SessionLog log, Effects effects) {
        this.log = log;
        this.effects = effects;
    }

    /** The broker has it, and says nothing more. */
    void succeed(PublishRequest request) {
        succeed(request, request.possiblyDuplicated ? POSSIBLY_DUPLICATED : PublishResult.ACKNOWLEDGED);
    }

    void succeed(PublishRequest request, PublishResult result) {
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
        forget(request, cause);
    }

    /** Ends what the log does not have, or is not to settle. */
    void forget(PublishRequest request, MqttException cause) {
        dropped++;
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
