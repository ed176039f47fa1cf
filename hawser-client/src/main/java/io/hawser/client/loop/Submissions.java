package io.hawser.client.loop;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The way from any thread to the event loop: a lock-free stack that the loop takes whole and turns round. Only who finds it
 * empty wakes the loop, so a burst costs one wake-up, and a lone submission is never held back.
 */
final class Submissions {
    private final AtomicReference<@Nullable Submission> newest = new AtomicReference<>();
    private final Runnable wakeUp;
    /** Whether the loop could not be woken, so that the next submission has to try again. */
    private volatile boolean unwoken;

    Submissions(Runnable wakeUp) {
        this.wakeUp = wakeUp;
    }

    void add(Submission submission) {
        Submission before;
        do {
            before = newest.get();
            submission.nextSubmission(before);
        } while (!newest.compareAndSet(before, submission));
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
    Submission takeAll() {
        Submission at = newest.get() == null ? null : newest.getAndSet(null);
        Submission oldestFirst = null;
        while (at != null) {
            Submission older = at.nextSubmission();
            at.nextSubmission(oldestFirst);
            oldestFirst = at;
            at = older;
        }
        return oldestFirst;
    }
}
