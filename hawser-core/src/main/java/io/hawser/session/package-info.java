/**
 * The protocol machine of an MQTT client: everything that a client decides, and nothing that it does.
 *
 * <p>{@link io.hawser.session.ClientSession} opens no socket, starts no thread, reads no clock and draws no randomness. Bytes, requests,
 * times and seeds come in as arguments; everything that is to be done goes out through {@link io.hawser.session.Effects}, and
 * everything that is to be remembered through {@link io.hawser.store.SessionLog}, both in the order in which it must happen. So the
 * same inputs have the same outputs, and a simulation can try a year of bad network in a second.
 *
 * <h2>The connection</h2>
 *
 * <table>
 * <caption>States ({@link io.hawser.mqtt.ConnectionState}), kept by {@code Reconnector}</caption>
 * <tr><th>state</th><th>input</th><th>next state, and what goes out</th></tr>
 * <tr><td>DISCONNECTED</td><td>{@code connect}</td><td>CONNECTING; {@code Effects.open}</td></tr>
 * <tr><td>CONNECTING</td><td>{@code opened}</td><td>CONNECTING; CONNECT</td></tr>
 * <tr><td>CONNECTING</td><td>CONNACK with success</td><td>CONNECTED; what was in flight again, SUBSCRIBE, the queue</td></tr>
 * <tr><td>CONNECTING</td><td>CONNACK with an error</td><td>WAITING or CLOSED, as {@code ReconnectPolicy} says</td></tr>
 * <tr><td>CONNECTED</td><td>the last SUBACK</td><td>READY</td></tr>
 * <tr><td>CONNECTED, READY</td><td>{@code lost}, silence, a protocol error</td><td>WAITING; {@code Effects.close}</td></tr>
 * <tr><td>WAITING</td><td>the reconnect delay is over, {@code connectNow}</td><td>CONNECTING; {@code Effects.open}</td></tr>
 * <tr><td>any</td><td>{@code close}, {@code fail}</td><td>CLOSED; DISCONNECT, every request settled</td></tr>
 * </table>
 *
 * <p>Which packets may come is a {@code Phase}: {@code Handshake} until CONNACK, {@code Established} after it. Each is the sink of the
 * decoder, and a packet that it does not expect breaks the protocol.
 *
 * <h2>A message that is published</h2>
 *
 * <table>
 * <caption>States of a {@link io.hawser.session.PublishRequest}</caption>
 * <tr><th>state</th><th>kept by</th><th>input</th><th>next state</th></tr>
 * <tr><td>queued</td><td>{@code PublishQueue}</td><td>room in window and network</td><td>sent, with an identifier (QoS 0: settled)</td></tr>
 * <tr><td>sent</td><td>{@code Window}</td><td>PUBACK, or PUBREC with an error</td><td>settled</td></tr>
 * <tr><td>sent</td><td></td><td>PUBREC</td><td>released; PUBREL goes out</td></tr>
 * <tr><td>sent</td><td></td><td>quota exceeded (0x97)</td><td>queued; tried again by {@code QuotaBackoff}</td></tr>
 * <tr><td>released</td><td>{@code Window}</td><td>PUBCOMP</td><td>settled (in doubt: queued)</td></tr>
 * <tr><td>sent, released</td><td></td><td>the next CONNACK, session present</td><td>the same; PUBLISH with DUP, or PUBREL</td></tr>
 * <tr><td>sent, released</td><td></td><td>the next CONNACK, session lost</td><td>queued, QoS 2 marked as possibly duplicated; or settled
 *     with a failure, as {@code republishAmbiguous} says</td></tr>
 * <tr><td>queued, sent, released</td><td></td><td>the broker ends connections on it</td><td>set aside by {@code Suspects}, and tried
 *     alone by {@code SuspectTrials}</td></tr>
 * </table>
 *
 * <p>An identifier belongs to sent and released [MQTT-2.3.1-3]. The log is told of each step before the packet that follows from it.
 * {@code Acknowledgements} has the inputs PUBACK, PUBREC and PUBCOMP, {@code OutboundFlow} all others.
 *
 * <h2>A message that is received</h2>
 *
 * <table>
 * <caption>States of an {@link io.hawser.session.InboundMessage} at QoS 1 and 2, kept by {@code InboundFlow}</caption>
 * <tr><th>state</th><th>input</th><th>next state</th></tr>
 * <tr><td>new</td><td>a handler matches</td><td>delivered</td></tr>
 * <tr><td>new</td><td>no handler matches</td><td>held ({@code HeldMessages}), after a grace time acknowledged and told</td></tr>
 * <tr><td>delivered</td><td>{@code acknowledge}</td><td>acknowledged; a QoS 2 identifier is logged as received</td></tr>
 * <tr><td>delivered</td><td>{@code refuse}, {@code fail}</td><td>rejected: said with MQTT 5.0, else never acknowledged</td></tr>
 * <tr><td>acknowledged</td><td>every earlier message is acknowledged or rejected</td><td>PUBACK or PUBREC goes out [MQTT-4.6.0-2]</td></tr>
 * <tr><td>received (QoS 2)</td><td>PUBREL</td><td>forgotten; PUBCOMP goes out</td></tr>
 * </table>
 *
 * <h2>A subscription</h2>
 *
 * <p>{@code Subscriptions} knows what is wanted, with the handlers; {@code SubscriptionFlow} says it to the broker. A request waits until
 * its SUBACK or UNSUBACK has come, over any number of connections, and everything wanted is asked for again in a new session.
 *
 * <h2>Time</h2>
 *
 * <p>Each reason to wake up is a {@code Timers.Timer}; {@link io.hawser.session.ClientSession#nextDeadline} is the earliest, {@code
 * Deadlines} has the deed for each. Whatever waits has a timer or an answer of the broker to wait for; if neither comes, an event says
 * what holds it up ({@code Unanswered}).
 */
@NullMarked
package io.hawser.session;

import org.jspecify.annotations.NullMarked;
