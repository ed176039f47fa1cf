package io.hawser.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Standard output of this process. It remembers what could not be written, which streams that print keep to themselves. */
final class StandardOutput extends OutputStream {
    private static final StandardOutput INSTANCE = new StandardOutput(new FileOutputStream(FileDescriptor.out));
    private static final int POLL_ERROR = 0x8;
    private static final int POLL_INVALID = 0x20;

    private final OutputStream out;
    private volatile @Nullable IOException failure;

    StandardOutput(OutputStream out) {
        this.out = out;
    }

    static StandardOutput instance() {
        return INSTANCE;
    }

    /** Makes {@link System#out} print here, in UTF-8. */
    static StandardOutput install() {
        System.setOut(new PrintStream(INSTANCE, true, StandardCharsets.UTF_8));
        return INSTANCE;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            failure = e;
            throw e;
        }
    }

    @Override
    public void flush() throws IOException {
        try {
            out.flush();
        } catch (IOException e) {
            failure = e;
            throw e;
        }
    }

    /** The code that a command ends with, unless it means success and not everything has left: that is told then. */
    int exitCode(int code) {
        IOException cause = failure;
        return code != 0 || cause == null ? code : Failure.ofOutput(cause).report(false);
    }

    /**
     * Runs {@code action} on a thread of its own when standard output is a pipe or a socket that nobody will read any more, even
     * if nothing is written; never, where this JVM cannot tell.
     */
    void onReaderGone(Runnable action) {
        Thread thread = new Thread(() -> awaitReaderGone(action), "reader-watch");
        thread.setDaemon(true);
        thread.start();
    }

    private static void awaitReaderGone(Runnable action) {
        try {
            // The JDK has poll(2) for any descriptor, and offers it for its own channels only. The jar's manifest opens
            // it.
            Method poll = Class.forName("sun.nio.ch.Net")
                    .getDeclaredMethod("poll", FileDescriptor.class, int.class, long.class);
            poll.setAccessible(true);
            int events = 0;
            while ((events & (POLL_ERROR | POLL_INVALID)) == 0) {
                events = (int) poll.invoke(null, FileDescriptor.out, 0, -1L);
                if (events != 0 && (events & (POLL_ERROR | POLL_INVALID)) == 0) {
                    return; // a hang-up alone is the end of a terminal, which is told by a signal
                }
            }
            if ((events & POLL_ERROR) != 0) {
                action.run();
            }
        } catch (ReflectiveOperationException | RuntimeException e) {
            // Without it, the next message tells.
        }
    }
}
