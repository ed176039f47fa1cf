package io.hawser.client.loop;

import io.hawser.session.Command;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A mailbox of commands from any thread for the event loop: a lock-free stack that the loop takes whole and reverses.
 * Only a thread that finds the stack empty wakes the loop, so a burst costs one wake-up, and a lone command is never
 * delayed.
 */
final class Mailbox {
    private final AtomicReference<@Nullable Command> newest = new AtomicReference<>();
    private final Runnable wakeUp;
    /** Whether the loop could not be woken, so that the next command has to try again. */
    private volatile boolean unwoken;

    Mailbox(Runnable wakeUp) {
        this.wakeUp = wakeUp;
    }

    void add(Command command) {
        Command before;
        do {
            before = newest.get();
            command.next(before);
        } while (!newest.compareAndSet(before, command));
        if (before == null || unwoken) {
            wake();
        }
    }

    private void wake() {
        boolean woken = false;
        try {
            wakeUp.run();
            woken = true;
        } finally {
            if (unwoken == woken) {
                unwoken = !woken;
            }
        }
    }

    /** Takes all commands, the oldest first; null if there is none. */
    @Nullable
    Command takeAll() {
        Command at = newest.get() == null ? null : newest.getAndSet(null);
        Command oldestFirst = null;
        while (at != null) {
            Command older = at.next();
            at.next(oldestFirst);
            oldestFirst = at;
            at = older;
        }
        return oldestFirst;
    }
}
