package io.hawser.client;

import java.time.Duration;

/**
 * The figures of a client: counters since the client was made, and gauges of now. The figures are read one by one while
 * the client works, so they need not add up to the last message.
 *
 * @param queued gauge: messages accepted and not sent
 * @param queuedBytes gauge: bytes of topics and payloads of queued messages
 * @param setAside gauge: requests on which the broker ended connections, and which are tried alone from time to time:
 *     see {@link io.hawser.mqtt.ConnectionEvent.RequestSuspected}
 * @param inFlight gauge: QoS 1 and 2 messages sent and not settled, on the open connection or an earlier one
 * @param sent PUBLISH packets sent, repetitions included
 * @param acknowledged QoS 1 and 2 messages whose PUBACK or PUBCOMP has come
 * @param dropped messages that the queue policy dropped
 * @param received PUBLISH packets received, repetitions included
 * @param unacknowledged gauge: received QoS 1 and 2 messages that are not acknowledged yet
 * @param droppedInbound received messages given up because no handler took them or, at QoS 0, handlers fell behind
 * @param beyondReceiveMaximum received QoS 1 and 2 messages that the broker sent although the receive maximum was
 *     reached
 * @param connections connections that a broker accepted with CONNACK
 * @param oldestUnanswered gauge: the age of the oldest request without an answer, sent or not; a publish is as old as
 *     its acceptance, a SUBSCRIBE or UNSUBSCRIBE as its call; 0 if there is no such request
 */
public record Statistics(
        long queued,
        long queuedBytes,
        long setAside,
        long inFlight,
        long sent,
        long acknowledged,
        long dropped,
        long received,
        long unacknowledged,
        long droppedInbound,
        long beyondReceiveMaximum,
        long connections,
        Duration oldestUnanswered) {}
