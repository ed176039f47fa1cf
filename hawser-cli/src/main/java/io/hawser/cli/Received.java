package io.hawser.cli;

import io.hawser.mqtt.Message;
import java.time.ZonedDateTime;

/**
 * A message as it came, for printing.
 *
 * @param duplicate the DUP flag of its packet
 * @param time when it came, in the zone of the user
 */
record Received(Message message, boolean duplicate, ZonedDateTime time) {}
