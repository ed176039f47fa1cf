package io.hawser.store;

/** What a {@link io.hawser.store.file.FileSessionStore} promises of an entry before anything that depends on it happens. */
public enum Durability {
    /**
     * It has been handed to the operating system: it survives the end of the process, however sudden, but not of the machine.
     */
    PROCESS,
    /** It has been forced to the disk, together with others that waited: it survives a power cut. */
    POWER,
    /** Nothing: it is written and forced in the background, and what was logged in the last interval may be lost. */
    LAZY
}
