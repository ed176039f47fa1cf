/** What survives the connection and the process: the session store and its implementations. */
@NullMarked
package io.hawser.store;

import org.jspecify.annotations.NullMarked;
