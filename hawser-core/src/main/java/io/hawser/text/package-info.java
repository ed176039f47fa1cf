/** The text of MQTT: what a string may hold, and how one is shown. */
@NullMarked
package io.hawser.text;

import org.jspecify.annotations.NullMarked;
