/** Small programs that show how Hawser is used. */
@NullMarked
package io.hawser.examples;

import org.jspecify.annotations.NullMarked;
