package io.hawser.client.delivery;

import org.slf4j.Logger;

/** Log lines where nothing may be thrown: without memory, logging itself can fail. */
public final class Reports {
    private Reports() {}

    public static void error(Logger log, String what, Throwable failure) {
        try {
            log.error(what, failure);
        } catch (Throwable unreportable) {
            // There is nobody left to tell.
        }
    }

    /** A warning that needs no stack trace. */
    public static void warn(Logger log, String what) {
        try {
            log.warn(what);
        } catch (Throwable unreportable) {
            // There is nobody left to tell.
        }
    }

    public static void warn(Logger log, String what, Throwable failure) {
        try {
            log.warn(what, failure);
        } catch (Throwable unreportable) {
            // There is nobody left to tell.
        }
    }
}
