package io.hawser.client.loop;

import io.hawser.client.delivery.Reports;
import io.hawser.client.transport.EventLoop;
import io.hawser.mqtt.ConnectionException;
import io.hawser.mqtt.MqttException;
import io.hawser.session.Command;
import io.hawser.store.SessionLog;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The turns of a client on its event loop. A turn is one input, or all commands in the mailbox; its output leaves at
 * its end in one piece. Methods are for the event loop, except those in the part for any thread.
 */
final class Turns {
    private static final Logger LOG = LoggerFactory.getLogger(Turns.class);
    /** The pause after a failed turn until the recovery turn, which does what the failed turn has left undone. */
    private static final long RECOVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** The steps of a turn. */
    interface Steps extends Command.Intake {
        /** Finishes each turn: the output that it has collected leaves. */
        void finishTurn();

        /** The time at which {@link #tick} is due. */
        long nextDeadline();

        void tick(long now);

        /** Gives the connection up, or the client if the failure is the store's. */
        void giveUp(MqttException cause, long now);

        /** The exception for a caller whose command has failed. */
        MqttException told(MqttException cause);

        /** The client identifier, printable. */
        String printableId();
    }

    private final EventLoop loop;
    private final SessionLog log;
    private final Steps steps;
    private final Mailbox mailbox = new Mailbox(() -> execute(this::runCommands));
    private final long origin = System.nanoTime();
    /** The last reading of the clock: publishes that are taken together share one reading. */
    private long lookedAt;
    /** Whether commands wait until the log has caught up. */
    private boolean commandsWait;

    private long wakeAt = Long.MAX_VALUE;
    private Runnable cancelWake = () -> {};

    /** The cause of a failed turn, if giving the connection up has failed, too. */
    private @Nullable Throwable unrecovered;

    private boolean recovers;
    private boolean over;

    Turns(EventLoop loop, SessionLog log, Steps steps) {
        this.loop = loop;
        this.log = log;
        this.steps = steps;
    }

    // From any thread.

    /** Hands over a command, to be run in a turn. */
    void submit(Command command) {
        mailbox.add(command);
    }

    /** Hands over an action, to be run in a turn. */
    void submit(Runnable command) {
        mailbox.add(Command.of(command));
    }

    void execute(Runnable task) {
        loop.execute(task);
    }

    /** Runs the task on the event loop after the delay; the returned call cancels it. */
    Runnable schedule(Runnable task, long delayNanos) {
        return loop.schedule(task, delayNanos);
    }

    boolean inEventLoop() {
        return loop.inEventLoop();
    }

    /** The time, in nanoseconds since the client was made. */
    long elapsed() {
        return System.nanoTime() - origin;
    }

    // On the event loop.

    long now() {
        lookedAt = elapsed();
        return lookedAt;
    }

    /** The last reading of the clock. */
    long lookedAt() {
        return lookedAt;
    }

    /** Runs a turn with this input. */
    void turn(Runnable input) {
        try {
            input.run();
        } catch (Throwable e) {
            broken(e);
        }
        endTurn();
    }

    void endTurn() {
        try {
            steps.finishTurn();
            wakeInTime();
        } catch (Throwable e) {
            broken(e);
        }
    }

    private void runCommands() {
        try {
            commandsWait = log.isOverloaded();
        } catch (Throwable e) {
            broken(e);
        }
        if (commandsWait) {
            return;
        }
        now();
        for (Command at = mailbox.takeAll(); at != null; ) {
            Command next = at.next();
            at.next(null);
            try {
                at.run(steps);
            } catch (Throwable e) {
                broken(e);
                interrupted(at, e);
            }
            at = next;
        }
        endTurn();
    }

    private void interrupted(Command command, Throwable cause) {
        try {
            command.interrupted(steps.told(internal(cause)));
        } catch (Throwable e) {
            Reports.error(LOG, "a caller could not be told that its request failed", e);
        }
    }

    /** Runs the commands that have waited for the log, which may be overloaded no longer. */
    void logMoved() {
        if (commandsWait) {
            runCommands();
        }
    }

    private void wakeInTime() {
        long deadline = steps.nextDeadline();
        if (deadline < wakeAt) {
            Runnable cancel = loop.schedule(this::wake, Math.max(0, deadline - now()));
            cancelWake.run();
            cancelWake = cancel;
            wakeAt = deadline;
        }
    }

    private void wake() {
        wakeAt = Long.MAX_VALUE;
        turn(() -> {
            long now = now();
            if (steps.nextDeadline() <= now) {
                steps.tick(now);
            }
        });
    }

    void stopWaking() {
        cancelWake.run();
    }

    /** Ends recovery: no recovery turn follows any more. */
    void end() {
        over = true;
    }

    /**
     * Recovers from a failure of this client, a store or the program, or from too little memory. The connection is
     * given up, because nobody knows how far its output has got; a client that reconnects makes a new one.
     */
    void broken(Throwable cause) {
        try {
            LOG.error("client '{}' gives up its connection", steps.printableId(), cause);
        } catch (Throwable e) {
            // Without memory, there may be none for this line.
        }
        recover(cause);
        recoverSoon();
    }

    private void recover(Throwable cause) {
        unrecovered = cause;
        try {
            steps.giveUp(internal(cause), now());
            unrecovered = null;
        } catch (Throwable e) {
            Reports.error(LOG, "a connection is given up again", e);
        }
    }

    /** Schedules a recovery turn, for what this turn has left undone. */
    private void recoverSoon() {
        if (recovers || over) {
            return;
        }
        try {
            Runnable unused = loop.schedule(this::recovery, RECOVERY_NANOS);
            recovers = true;
        } catch (Throwable e) {
            Reports.error(LOG, "the next turn has to do what this one has left undone", e);
        }
    }

    private void recovery() {
        recovers = false;
        Throwable cause = unrecovered;
        if (cause != null) {
            recover(cause);
            if (unrecovered != null) {
                recoverSoon();
            }
        }
        runCommands();
    }

    private static MqttException internal(Throwable cause) {
        return cause instanceof MqttException known
                ? known
                : new ConnectionException("internal error: " + cause, cause);
    }
}
