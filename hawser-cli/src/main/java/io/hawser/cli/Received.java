package io.hawser.cli;

import io.hawser.mqtt.Message;
import java.time.ZonedDateTime;

/**
 * A message as it came, for printing.
 *
 * @param duplicate the DUP flag of its packet
 * @param packetId the identifier of its packet; 0 at QoS 0, and where it is not known
 * @param time when it came, in the zone of the user
 */
record Received(Message message, boolean duplicate, int packetId, ZonedDateTime time) {
    Received(Message message, boolean duplicate, ZonedDateTime time) {
        this(message, duplicate, 0, time);
    }
}
