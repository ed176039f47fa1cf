package io.hawser.client.transport;

/** Waits for a {@link Candidate} to be open: the attempt, or the filter above it. Called on the event loop. */
interface Opening {
    /** The candidate can be {@linkplain Candidate#open opened}. */
    void succeeded(Candidate candidate);

    /** The candidate could not be opened, and is to be {@linkplain Candidate#abandon abandoned}. */
    void failed(Candidate candidate, Throwable failure);
}
