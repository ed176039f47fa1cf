package io.hawser.client.loop;

import io.hawser.session.Command;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A caller and the event loop hand over commands: each is taken once, and none waits for a loop that nobody has woken. */
@JCStressTest
@Outcome(id = "2, 0", expect = Expect.ACCEPTABLE, desc = "Both taken, or the loop is awake to take them.")
@State
public class MailboxStress {
    private volatile boolean woken;
    private final Mailbox mailbox = new Mailbox(() -> woken = true);
    private int taken;

    @Actor
    public void caller() {
        mailbox.add(Command.of(() -> {}));
    }

    @Actor
    public void eventLoop() {
        mailbox.add(Command.of(() -> {}));
        if (woken) {
            woken = false;
            taken = takeAll();
        }
    }

    @Arbiter
    public void after(II_Result result) {
        int left = takeAll();
        result.r1 = taken + left;
        result.r2 = left > 0 && !woken ? 1 : 0;
    }

    private int takeAll() {
        int count = 0;
        for (Command at = mailbox.takeAll(); at != null; at = at.next()) {
            count++;
        }
        return count;
    }
}
