/** What tests of an application that uses Hawser need, from a broker in process to contract tests. */
@NullMarked
package io.hawser.testing;

import org.jspecify.annotations.NullMarked;
