/** The command line: {@code hawser pub}, {@code sub}, {@code bench}, {@code demo}. */
@NullMarked
package io.hawser.cli;

import org.jspecify.annotations.NullMarked;
