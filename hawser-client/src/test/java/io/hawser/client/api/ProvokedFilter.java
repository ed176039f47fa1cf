package io.hawser.client.api;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import java.security.CodeSource;

/**
 * A filter that keeps log events off the console whose throwable a test has made, so that every stack trace in the output
 * of a build is news. Throwables that the library or the JDK makes are printed.
 */
public final class ProvokedFilter extends Filter<ILoggingEvent> {
    @Override
    public FilterReply decide(ILoggingEvent event) {
        return event.getThrowableProxy() instanceof ThrowableProxy proxy && isProvoked(proxy.getThrowable())
                ? FilterReply.DENY
                : FilterReply.NEUTRAL;
    }

    /** Whether a class of the tests has made the throwable or one of its causes. */
    static boolean isProvoked(Throwable throwable) {
        for (Throwable cause = throwable; cause != null; cause = cause.getCause()) {
            StackTraceElement[] trace = cause.getStackTrace();
            if (trace.length > 0 && isOfTests(trace[0].getClassName())) {
                return true;
            }
        }
        return false;
    }

    private static boolean isOfTests(String className) {
        try {
            CodeSource source = Class.forName(className, false, ProvokedFilter.class.getClassLoader())
                    .getProtectionDomain()
                    .getCodeSource();
            CodeSource own = ProvokedFilter.class.getProtectionDomain().getCodeSource();
            return source != null && source.getLocation().equals(own.getLocation());
        } catch (ClassNotFoundException e) {
            return false;
        }
    }
}
