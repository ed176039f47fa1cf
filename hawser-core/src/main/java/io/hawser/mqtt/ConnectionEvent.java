package io.hawser.mqtt;

import io.hawser.text.Utf8;
import java.lang.System.Logger.Level;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Something a client tells its listener about the connection and what depends on it. */
public sealed interface ConnectionEvent {
    /**
     * How much this matters to whoever runs the program; at this level the client logs it ({@code io.hawser.events}, a repeated
     * one at growing distances). {@link Level#ERROR}: the client has ended; {@link Level#WARNING}: something is lost, refused, held
     * or late; {@link Level#INFO}: it has changed for the better, or as asked; {@link Level#DEBUG}: everything else.
     */
    Level level();

    /**
     * An attempt begins: {@link ConnectionState#CONNECTING}. Attempts count from 1 and start over when one succeeds.
     *
     * @param refused the version that the broker did not speak just before, so that {@code version} is tried; else null
     */
    record Connecting(
            String server,
            ProtocolVersion version,
            int attempt,
            @Nullable ProtocolVersion refused) implements ConnectionEvent {
        @Override
        public Level level() {
            return refused == null ? Level.DEBUG : Level.INFO;
        }
    }

    /** The broker has accepted: {@link ConnectionState#CONNECTED}. */
    record Connected(String server, ConnectResult result) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.INFO;
        }
    }

    /** Every subscription is acknowledged: {@link ConnectionState#READY}. */
    record Ready(String server) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.DEBUG;
        }
    }

    /** An attempt failed or the connection ended; {@code cause} is null if this side ended it. */
    record Disconnected(@Nullable MqttException cause) implements ConnectionEvent {
        @Override
        public Level level() {
            if (cause == null) {
                return Level.DEBUG;
            }
            // A lower version is tried, which is told as well.
            boolean versionRefused = cause instanceof RequestRejectedException refusal
                    && refusal.reasonCode() == ReasonCode.UNSUPPORTED_PROTOCOL_VERSION;
            return versionRefused ? Level.INFO : Level.WARNING;
        }
    }

    /** The next attempt comes after {@code delay}: {@link ConnectionState#WAITING}. */
    record ReconnectScheduled(Duration delay, MqttException cause) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.DEBUG;
        }
    }

    /** The client is closed: {@link ConnectionState#CLOSED}; {@code cause} is null if it was asked to. */
    record Closed(@Nullable MqttException cause) implements ConnectionEvent {
        @Override
        public Level level() {
            return cause == null ? Level.INFO : Level.ERROR;
        }
    }

    /**
     * A request has been waiting for its answer for longer than the limit of the builder ({@code unansweredAfter}), sent or not; told
     * once, until the oldest that waits is younger again. The request goes on.
     *
     * @param request the oldest, such as {@code PUBLISH to 'a/b'}
     * @param age since it was accepted
     */
    record RequestUnanswered(String request, Duration age) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }

        /** As every record's, control characters escaped. */
        @Override
        public String toString() {
            return "RequestUnanswered[request=" + Utf8.printable(request) + ", age=" + age + "]";
        }
    }

    /**
     * Publishes that nobody waits for have failed: they were enqueued without a key, or by an earlier client of the session. Told of
     * the first, the second, the fourth and so on, anew with every connection.
     *
     * @param count how many since the client was made
     * @param topic of the last
     * @param cause why the last failed: refused by the broker, or given up by a rule
     */
    record PublishesFailed(long count, String topic, MqttException cause) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }

        /** As every record's, control characters escaped. */
        @Override
        public String toString() {
            return "PublishesFailed[count=" + count + ", topic=" + Utf8.printable(topic) + ", cause=" + cause + "]";
        }
    }

    /**
     * The client is about to close with publishes that were not acknowledged, and that no kept session holds for a later client:
     * they have failed with a {@link ClientClosedException}.
     */
    record PublishesGivenUp(int count) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /** The broker refused a subscription that the client made anew after connecting. */
    record SubscriptionRefused(Subscription subscription, RequestRejectedException cause) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /**
     * The broker has ended several connections in a row when it got this request, {@code ends} times so far. A request that
     * is {@code setAside} lets all others pass, and is tried alone from time to time until it is answered or
     * {@code givenUp}; without that, others wait for it (CONNECT, strict order), it is sent in smaller packets (several
     * filters), or it is gone (QoS 0).
     */
    record RequestSuspected(String request, int ends, boolean setAside, boolean givenUp, MqttException cause)
            implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /**
     * A handler threw, or the reply to a request could not be sent. {@code givenUp} tells whether it was the last attempt and no
     * dead-letter handler took it.
     */
    record DeliveryFailed(Message message, Throwable cause, int attempt, boolean givenUp) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /**
     * Many received messages are not acknowledged; at {@code limit} the broker stops sending QoS 1 and 2. That is the
     * {@code receiveMaximum} that the client was built with and has told a broker of MQTT 5.0, or 0 if nobody said one. The
     * broker may have a lower one of its own, which it does not tell: Mosquitto's is 20.
     */
    record UnacknowledgedBacklog(int unacknowledged, int limit) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }

        /** As every record's, except for a limit that is not known. */
        @Override
        public String toString() {
            return "UnacknowledgedBacklog[unacknowledged=" + unacknowledged + ", limit="
                    + (limit == 0 ? "unknown" : limit) + "]";
        }
    }

    /**
     * A QoS 1 or 2 message came for which there is no handler, and none has come in time ({@code holdUnhandled} of the builder).
     *
     * @param filter the subscription of an earlier program of this session that brought it, or null if none is known
     * @param answer what the broker was told, {@link ReasonCode#SUCCESS} if the message counts as received; null if the message is
     *     held for ever: the acknowledgements of all later messages wait for it, and the broker stops sending when it has too many
     * @param unacknowledged the received messages that are not acknowledged
     * @param count how many such messages came by this filter or, without one, to this topic
     */
    record MessageUnhandled(
            String topic,
            @Nullable TopicFilter filter,
            @Nullable ReasonCode answer,
            int unacknowledged,
            long count) implements ConnectionEvent {
        /** The first of each filter or topic is a warning. */
        @Override
        public Level level() {
            return count == 1 ? Level.WARNING : Level.DEBUG;
        }

        /** As every record's, control characters escaped. */
        @Override
        public String toString() {
            return "MessageUnhandled[topic=" + Utf8.printable(topic) + ", filter="
                    + (filter == null ? "unknown" : Utf8.printable(filter.toString())) + ", answer="
                    + (answer == null ? "none, it is held" : answer) + ", unacknowledged=" + unacknowledged
                    + ", count=" + count + "]";
        }
    }

    /**
     * The broker has sent more QoS 1 and 2 messages than it may before they are acknowledged: more than {@code receiveMaximum},
     * which CONNECT told it. They are handled all the same, and counted; told once for each client.
     */
    record ReceiveMaximumExceeded(int receiveMaximum) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /**
     * The session that an earlier program left has a subscription that this one has not asked for within the time of {@code
     * holdUnhandled}: the client unsubscribes from it.
     */
    record SubscriptionUnclaimed(TopicFilter filter) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }

        /** As every record's, control characters escaped. */
        @Override
        public String toString() {
            return "SubscriptionUnclaimed[filter=" + Utf8.printable(filter.toString()) + "]";
        }
    }

    /** The session store has failed, and takes no message until {@link StoreRecovered} is told. */
    record StoreFailed(StoreException cause) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /** The session store works again after {@link StoreFailed}. */
    record StoreRecovered() implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.INFO;
        }
    }

    /** The session store was found damaged when it was opened; what could not be read was moved to its quarantine. */
    record StoreDamaged(StoreException cause) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /**
     * Another client may use this client identifier: the broker says that the session was taken over, or connections end soon after
     * they were accepted, with nothing outstanding, again and again. Told once for each contest.
     */
    record ClientIdContested(String clientId, int closes) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }

        /** As every record's, control characters escaped. */
        @Override
        public String toString() {
            return "ClientIdContested[clientId=" + Utf8.printable(clientId) + ", closes=" + closes + "]";
        }
    }

    /**
     * The broker has no room for a message at the moment (0x97), and takes nothing above QoS 0. It is tried again for {@code
     * patience}, and fails then; so does each that follows. Told at the first, and once a minute.
     */
    record QuotaExceeded(RequestRejectedException cause, Duration patience) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /**
     * A server does not do what QoS 2 needs: it does not answer PUBREL for an identifier that an earlier client of the session
     * may have used, and is not asked again for an hour; or it answers a QoS 2 message with PUBACK. In the first case, a message
     * of which nobody can know whether the server took it for an earlier one's repetition is published again or fails, as
     * {@code republishAmbiguous} says; in the second, results say {@link ReasonCode#GRANTED_QOS_1}. Told once for each.
     */
    record ExactlyOnceDoubtful(String server, String reason) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /**
     * The same error has ended several connections in a row: the broker breaks the protocol in the same way each time, or this
     * client fails on what it sends. Further attempts come slowly. Told once, until a connection ends in another way.
     */
    record ErrorRepeated(String server, int connections, MqttException cause) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /**
     * A received message has a field that MQTT does not allow: it was delivered without that field, or, if {@code refused},
     * refused (MQTT 5.0), acknowledged (3.x), or dropped (QoS 0) without being delivered. Whoever published it, or the broker, must be
     * mended.
     *
     * @param topic with U+FFFD for what is no UTF-8; empty if it is not known
     * @param reason which field it is, and the rule
     */
    record MessageUnreadable(String topic, ProtocolException reason, boolean refused) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }

        /** As every record's, control characters escaped. */
        @Override
        public String toString() {
            return "MessageUnreadable[topic=" + Utf8.printable(topic) + ", reason=" + reason.getMessage() + ", refused="
                    + refused + "]";
        }
    }

    /**
     * The listener was slower than what there was to tell, and {@code count} events were dropped since the last that it heard of:
     * failed deliveries before any other.
     */
    record EventsDropped(long count) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }
}
