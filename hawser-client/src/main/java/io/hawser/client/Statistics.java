package io.hawser.client;

import java.time.Duration;

/**
 * What a client has counted since it was made, and what it holds now. The figures are read one by one while the client
 * works, so they need not add up to the last message.
 *
 * @param queued messages that wait to be sent
 * @param queuedBytes bytes of topics and payloads that wait to be sent
 * @param setAside requests that the broker answered by ending the connection, and that are tried alone from time to time: see
 *     {@link io.hawser.mqtt.ConnectionEvent.RequestSuspected}
 * @param inFlight QoS 1 and 2 messages sent and not finally acknowledged, on the connection that is open or an earlier one
 * @param sent PUBLISH packets sent, repetitions included
 * @param acknowledged QoS 1 and 2 messages finally acknowledged
 * @param dropped messages that the queue policy gave up
 * @param received PUBLISH packets received, repetitions included
 * @param unacknowledged received QoS 1 and 2 messages that are not acknowledged yet
 * @param droppedInbound received messages given up because no handler took them or, at QoS 0, handlers fell behind
 * @param beyondReceiveMaximum received QoS 1 and 2 messages that the broker sent though it had to wait for acknowledgements
 * @param connections connections that the broker accepted
 * @param oldestUnanswered for how long the oldest request has been waiting for its answer, sent or not: publishes since they were
 *     accepted, requests to subscribe or unsubscribe since they were made; 0 if nothing waits
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
