/** The protocol machine: deterministic, single-threaded, with time, bytes and seeds as arguments. */
@NullMarked
package io.hawser.session;

import org.jspecify.annotations.NullMarked;
