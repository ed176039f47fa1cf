/** Enhanced authentication: its exchanges, and SCRAM. */
@NullMarked
package io.hawser.client.auth;

import org.jspecify.annotations.NullMarked;
