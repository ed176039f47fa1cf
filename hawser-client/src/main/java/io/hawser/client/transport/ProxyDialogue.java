package io.hawser.client.transport;

import java.io.IOException;
import java.nio.ByteBuffer;

/** What is said between client and proxy until the proxy has connected to the server. It reads no byte of the server's. */
interface ProxyDialogue {
    /** What the client says first. */
    ByteBuffer begin();

    /**
     * Takes what belongs to the dialogue.
     *
     * @return what the client says next, perhaps nothing
     * @throws IOException if the proxy refuses, or says what no proxy says; in words
     */
    ByteBuffer answer(ByteBuffer from) throws IOException;

    /** Whether what follows is between client and server. */
    boolean isOver();
}
