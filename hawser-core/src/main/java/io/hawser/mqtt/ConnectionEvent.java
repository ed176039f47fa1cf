package io.hawser.mqtt;

import io.hawser.text.Utf8;
import java.lang.System.Logger.Level;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** An event of a client's connection and of the work that depends on it, told to the client's listener. */
public sealed interface ConnectionEvent {
    /**
     * The level of this event for whoever runs the program; the client logs the event at this level
     * ({@code io.hawser.events}, repeated events at growing intervals). {@link Level#ERROR}: the client has ended;
     * {@link Level#WARNING}: something is lost, refused, held or late; {@link Level#INFO}: the state has changed for
     * the better, or as asked; {@link Level#DEBUG}: everything else.
     */
    Level level();

    /**
     * An attempt to connect begins: {@link ConnectionState#CONNECTING}. Attempts count from 1 and start over when one
     * succeeds.
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

    /** The broker has accepted the connection: {@link ConnectionState#CONNECTED}. */
    record Connected(String server, ConnectResult result) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.INFO;
        }
    }

    /** The broker has answered every SUBSCRIBE: {@link ConnectionState#READY}. */
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
            // The client tries a lower version, which is told as an event of its own.
            boolean versionRefused = cause instanceof RequestRejectedException refusal
                    && refusal.reasonCode() == ReasonCode.UNSUPPORTED_PROTOCOL_VERSION;
            return versionRefused ? Level.INFO : Level.WARNING;
        }
    }

    /** The next attempt comes after {@code delay}, the reconnect delay: {@link ConnectionState#WAITING}. */
    record ReconnectScheduled(Duration delay, MqttException cause) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.DEBUG;
        }
    }

    /** The client is closed: {@link ConnectionState#CLOSED}; {@code cause} is null if the program closed it. */
    record Closed(@Nullable MqttException cause) implements ConnectionEvent {
        @Override
        public Level level() {
            return cause == null ? Level.INFO : Level.ERROR;
        }
    }

    /**
     * A request, sent or not, has had no answer for longer than the builder's {@code unansweredAfter}. Told once until
     * the oldest request is younger again. The request goes on.
     *
     * @param request the oldest request, such as {@code PUBLISH to 'a/b'}
     * @param age the time since the request was accepted
     */
    record RequestUnanswered(String request, Duration age) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }

        /** The components, with control characters escaped. */
        @Override
        public String toString() {
            return "RequestUnanswered[request=" + Utf8.printable(request) + ", age=" + age + "]";
        }
    }

    /**
     * Publishes have failed that no future stands for: they were enqueued without a key, or by an earlier client of the
     * session. Told of the first, the second, the fourth and so on, anew with every connection.
     *
     * @param count the number of such publishes since the client was made
     * @param topic the topic of the last
     * @param cause the cause of the last: refused by the broker, or dropped by a rule
     */
    record PublishesFailed(long count, String topic, MqttException cause) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }

        /** The components, with control characters escaped. */
        @Override
        public String toString() {
            return "PublishesFailed[count=" + count + ", topic=" + Utf8.printable(topic) + ", cause=" + cause + "]";
        }
    }

    /**
     * The client is about to close, and publishes have failed with a {@link ClientClosedException} that were not
     * acknowledged and that no kept session holds for a later client.
     */
    record PublishesGivenUp(int count) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /**
     * The client has closed its connection and cannot know whether the broker has got everything: it took nothing, or
     * too little, for as long as closing is patient, or did not close its side. Told after {@link Closed}; publishes at
     * QoS 1 and 2 have outcomes of their own, so it matters for QoS 0.
     *
     * @param unsentBytes the bytes that certainly did not leave
     * @param reason what was waited for, in words
     */
    record OutputGivenUp(long unsentBytes, String reason) implements ConnectionEvent {
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
     * The broker has ended connections in a row when it got this request, {@code ends} times so far. A request that is
     * {@code setAside} lets all others pass, and is tried alone from time to time until it is answered or
     * {@code givenUp}. A request that is not set aside blocks the others (CONNECT, strict order), is sent in smaller
     * packets (several filters), or is gone (QoS 0).
     */
    record RequestSuspected(String request, int ends, boolean setAside, boolean givenUp, MqttException cause)
            implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /**
     * A handler threw, or the reply to a request could not be sent; {@code givenUp} says that it was the last attempt
     * and that no dead-letter handler took the message.
     */
    record DeliveryFailed(Message message, Throwable cause, int attempt, boolean givenUp) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /**
     * Many received messages are not acknowledged; at {@code limit} the broker stops sending QoS 1 and 2. {@code limit}
     * is the {@code receiveMaximum} that the builder was given and that a broker of MQTT 5.0 was told, or 0 if there is
     * none. The broker may have a lower limit of its own, which it does not tell: Mosquitto's is 20.
     */
    record UnacknowledgedBacklog(int unacknowledged, int limit) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }

        /** The components; a limit of 0 is shown as unknown. */
        @Override
        public String toString() {
            return "UnacknowledgedBacklog[unacknowledged=" + unacknowledged + ", limit="
                    + (limit == 0 ? "unknown" : limit) + "]";
        }
    }

    /**
     * A QoS 1 or 2 message has no handler, and got none in time ({@code holdUnhandled} of the builder).
     *
     * @param filter the subscription that brought the message, made by an earlier program of this session, or null if
     *     none is known
     * @param answer the reason code of the acknowledgement, {@link ReasonCode#SUCCESS} unless the message is rejected;
     *     null if the message is held for ever: the acknowledgements of all later messages wait behind it, and the
     *     broker stops sending at its limit
     * @param unacknowledged the number of received messages that are not acknowledged
     * @param count the number of such messages of this filter or, without a filter, of this topic
     */
    record MessageUnhandled(
            String topic,
            @Nullable TopicFilter filter,
            @Nullable ReasonCode answer,
            int unacknowledged,
            long count) implements ConnectionEvent {
        /** A warning for the first message of each filter or topic. */
        @Override
        public Level level() {
            return count == 1 ? Level.WARNING : Level.DEBUG;
        }

        /** The components, with control characters escaped. */
        @Override
        public String toString() {
            return "MessageUnhandled[topic=" + Utf8.printable(topic) + ", filter="
                    + (filter == null ? "unknown" : Utf8.printable(filter.toString())) + ", answer="
                    + (answer == null ? "none, it is held" : answer) + ", unacknowledged=" + unacknowledged
                    + ", count=" + count + "]";
        }
    }

    /**
     * The broker has sent more QoS 1 and 2 messages before their acknowledgements than {@code receiveMaximum} in
     * CONNECT allows. The messages are handled all the same, and counted. Told once for each client.
     */
    record ReceiveMaximumExceeded(int receiveMaximum) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /**
     * The session of an earlier program has a subscription that this program has not asked for within the time of
     * {@code holdUnhandled}: the client unsubscribes from it. After {@code cleanStart}, the broker has forgotten it.
     */
    record SubscriptionUnclaimed(TopicFilter filter) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }

        /** The components, with control characters escaped. */
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

    /** The session store was found damaged when it was opened; unreadable parts were moved to its quarantine. */
    record StoreDamaged(StoreException cause) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /**
     * Another client seems to use this client identifier: the broker says that the session was taken over, or
     * connections end again and again soon after CONNACK, with no request outstanding. Told once for each contest.
     */
    record ClientIdContested(String clientId, int closes) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }

        /** The components, with control characters escaped. */
        @Override
        public String toString() {
            return "ClientIdContested[clientId=" + Utf8.printable(clientId) + ", closes=" + closes + "]";
        }
    }

    /**
     * The broker has no room for a message at the moment (0x97); the client sends nothing above QoS 0 meanwhile. The
     * message is tried again for {@code patience}, then it fails; so does each message that follows. Told at the first,
     * and once a minute.
     */
    record QuotaExceeded(RequestRejectedException cause, Duration patience) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /** A server could not be connected to, and is passed over for {@code rest} unless all servers rest. */
    record ServerRests(String server, Duration rest) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.DEBUG;
        }
    }

    /**
     * Something expires soon that the connection was made with, so the client authenticates again or, if {@code reconnects}, waits until what
     * is in flight and handled is settled, says DISCONNECT and connects again.
     *
     * @param left the time until it expires
     */
    record Renewing(Duration left, boolean reconnects) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.INFO;
        }
    }

    /**
     * Messages stay queued for a moment because the broker takes no more publishes or bytes in a second, by its
     * {@link BrokerProfile}. Told at the first, and once a minute while that goes on.
     *
     * @param publishesPerSecond the limit on PUBLISH packets, or {@link BrokerProfile#UNLIMITED}
     * @param bytesPerSecond the limit on their bytes, or {@link BrokerProfile#UNLIMITED}
     * @param queued the number of messages that wait
     */
    record PublishesPaced(int publishesPerSecond, long bytesPerSecond, int queued) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.INFO;
        }
    }

    /**
     * A server does not do what QoS 2 needs. Either it does not answer PUBREL for an identifier that an earlier client
     * of the session may have used, and is not asked again for an hour: a message that the server may have taken for a
     * repetition of an earlier one is published again or fails, as {@code republishAmbiguous} says. Or it answers a QoS
     * 2 message with PUBACK: results say {@link ReasonCode#GRANTED_QOS_1}. Told once for each.
     */
    record ExactlyOnceDoubtful(String server, String reason) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /**
     * The same error has ended several connections in a row: the broker breaks the protocol in the same way each time,
     * or this client fails on the broker's packets. Further attempts come slowly. Told once until a connection ends in
     * another way.
     */
    record ErrorRepeated(String server, int connections, MqttException cause) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }

    /**
     * A received message has a field that MQTT does not allow: it was delivered without that field, or, if
     * {@code refused}, not delivered but rejected (MQTT 5.0), acknowledged (3.x) or dropped (QoS 0). The fault lies
     * with the publisher or the broker.
     *
     * @param topic the topic, with U+FFFD for bytes that are not UTF-8; empty if it is not known
     * @param reason the field, and the rule that it breaks
     */
    record MessageUnreadable(String topic, ProtocolException reason, boolean refused) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }

        /** The components, with control characters escaped. */
        @Override
        public String toString() {
            return "MessageUnreadable[topic=" + Utf8.printable(topic) + ", reason=" + reason.getMessage() + ", refused="
                    + refused + "]";
        }
    }

    /**
     * The listener was slower than the events, and {@code count} events were dropped since the last event that it was
     * told: failed deliveries before any other.
     */
    record EventsDropped(long count) implements ConnectionEvent {
        @Override
        public Level level() {
            return Level.WARNING;
        }
    }
}
