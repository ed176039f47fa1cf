/** The vocabulary that users and protocol share: messages, topics, qualities of service, reasons and failures. */
@NullMarked
package io.hawser.mqtt;

import org.jspecify.annotations.NullMarked;
