package io.hawser.client.loop;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The way from any thread to the event loop: a lock-free stack that the loop takes whole and turns round. Only who finds it
 * empty wakes the loop, so a burst costs one wake-up, and a lone command is never held back.
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
            command.nextCommand(before);
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

    /** Everything that waits, the oldest first, or null. */
    @Nullable
    Command takeAll() {
        Command at = newest.get() == null ? null : newest.getAndSet(null);
        Command oldestFirst = null;
        while (at != null) {
            Command older = at.nextCommand();
            at.nextCommand(oldestFirst);
            oldestFirst = at;
            at = older;
        }
        return oldestFirst;
    }
}
