package io.hawser.client.transport;

/** Waits for a {@link Layer} to be open: the {@link Attempt}, or the filter above. Called on the event loop. */
interface Opening {
    /** The layer can be {@linkplain Layer#open opened}. */
    void succeeded(Layer layer);

    /** The layer could not be opened, and is to be {@linkplain Layer#abandon abandoned}. */
    void failed(Layer layer, Throwable failure);
}
