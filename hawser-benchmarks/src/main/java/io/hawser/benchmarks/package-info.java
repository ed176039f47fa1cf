/** Races against other clients, and what is measured with JMH. */
@NullMarked
package io.hawser.benchmarks;

import org.jspecify.annotations.NullMarked;
