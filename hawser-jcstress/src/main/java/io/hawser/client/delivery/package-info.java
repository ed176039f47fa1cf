/** Stress tests of what the event loop and the handlers' worker share. */
@NullMarked
package io.hawser.client.delivery;

import org.jspecify.annotations.NullMarked;
