/** What is measured with JMH. */
@NullMarked
package io.hawser.benchmarks;

import org.jspecify.annotations.NullMarked;
