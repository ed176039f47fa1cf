/** The client: connect, publish, subscribe, in blocking and asynchronous form, over every version of the protocol. */
@NullMarked
package io.hawser.client;

import org.jspecify.annotations.NullMarked;
