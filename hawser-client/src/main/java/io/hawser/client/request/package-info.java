/** Requests that wait for their replies. */
@NullMarked
package io.hawser.client.request;

import org.jspecify.annotations.NullMarked;
