package io.hawser.session;

/** How a connection ended, or an attempt to make one. */
enum Ending {
    /** The peer or the network ended it, or could not be reached. */
    CUT,
    /** The peer ended it after CONNECT without a word. */
    UNANSWERED,
    /** What came instead of CONNACK could not be read. */
    UNREADABLE,
    /** This side ended it, or the broker said DISCONNECT. */
    DROPPED,
    /** An exception that nobody had reckoned with left a packet or a request half done. */
    BROKEN
}
