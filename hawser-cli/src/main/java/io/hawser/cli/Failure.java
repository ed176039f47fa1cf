package io.hawser.cli;

import io.hawser.mqtt.ConnectionException;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.mqtt.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/**
 * How a command ends when it cannot go on, in the words and numbers of mosquitto's tools.
 *
 * @param exitCode the CONNACK return code if the broker refused the connection, 73 if standard output failed, 74 if the session
 *     store failed, else 1
 * @param text what standard error says; nothing if it is empty
 */
record Failure(int exitCode, String text) {
    /** A wrong option, a file that cannot be read, a connection that cannot be made. */
    static final int ERROR = 1;
    /** {@code -W} ran out. */
    static final int TIMED_OUT = 27;
    /** Standard output took not everything; the number for output that cannot be created in {@code sysexits.h}. */
    static final int OUTPUT = 73;
    /** The session store cannot be opened, written or read; the number of an I/O error in {@code sysexits.h}. */
    static final int STORE = 74;

    private static final String[] REFUSALS = {
        "",
        "unacceptable protocol version",
        "identifier rejected",
        "broker unavailable",
        "bad user name or password",
        "not authorised"
    };

    /** What {@code cause} means for somebody who wanted to connect. */
    static Failure ofConnect(Throwable cause) {
        for (Throwable t = unwrapped(cause); t != null; t = t.getCause()) {
            if (t instanceof RequestRejectedException rejected) {
                int code = rejected.reasonCode().connectReturnCode();
                return new Failure(code, "Connection error: Connection Refused: " + REFUSALS[code] + ".");
            }
            if (t instanceof UnknownHostException) {
                return new Failure(ERROR, "Unable to connect (Lookup error.).");
            }
            if (t instanceof ConnectException refused && isRefusal(refused)) {
                return new Failure(ERROR, "Error: Connection refused");
            }
        }
        return of(cause);
    }

    /** Whether the network was there, and the other side hung up without an answer. */
    static boolean isSilentClose(Throwable cause) {
        return cause instanceof ConnectionException && cause.getCause() == null;
    }

    /** What {@code cause} means in general. */
    static Failure of(Throwable cause) {
        Throwable inner = unwrapped(cause);
        String message = inner.getMessage();
        boolean clear = inner instanceof MqttException
                || inner instanceof IllegalArgumentException
                || inner instanceof IOException
                || inner instanceof UncheckedIOException;
        return new Failure(
                inner instanceof StoreException ? STORE : ERROR,
                "Error: " + (clear && message != null ? message : inner.toString()));
    }

    /** Standard output failed. Whoever has closed its other end knows that. */
    static Failure ofOutput(IOException cause) {
        String message = String.valueOf(cause.getMessage());
        boolean readerGone = message.contains("Broken pipe") || message.contains("pipe is being closed");
        return new Failure(OUTPUT, readerGone ? "" : "Error: Unable to write to standard output: " + message);
    }

    private static boolean isRefusal(ConnectException e) {
        return e.getMessage() != null && e.getMessage().contains("refused");
    }

    private static Throwable unwrapped(Throwable t) {
        boolean wrapper = t instanceof CompletionException || t instanceof ExecutionException;
        return wrapper && t.getCause() != null ? t.getCause() : t;
    }

    /** Whether the broker answered, and said no. */
    boolean refusedByBroker() {
        return text.startsWith("Connection error");
    }

    /** Says it on standard error, unless the user wants quiet. */
    int report(boolean quiet) {
        if (!quiet && !text.isEmpty()) {
            System.err.println(text);
        }
        return exitCode;
    }
}
