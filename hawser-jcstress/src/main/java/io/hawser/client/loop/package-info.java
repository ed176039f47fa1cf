/** Stress tests of what callers and the event loop share. */
@NullMarked
package io.hawser.client.loop;

import org.jspecify.annotations.NullMarked;
