package io.hawser.testing.simulation;

import java.util.Set;

/** A fault that is planted around the client of a run, to see whether the run notices it. */
enum Plant {
    NOTHING,
    /** The deadline of the next attempt to connect is lost once the publisher has been connected. */
    LOSES_THE_RECONNECT_TIMER,
    /** A broker that never answers QoS 1, in a network that is well. */
    DROPS_ANSWERS_FOR_EVER,
    /** What was in flight is not sent again. */
    FORGETS_TO_RESEND,
    /** PUBREL is not sent again. */
    FORGETS_TO_RELEASE,
    /** The acknowledgement of one message is held back, and with it that of all behind it. */
    BLOCKS_THE_ORDER_OF_ACKNOWLEDGEMENTS,
    /** Nobody says that the network takes bytes again. */
    LOSES_WRITABLE,
    /** A page of the queue is read and not handed over. */
    LOSES_A_PAGE,
    /** One message of the program gets lost before the session has it. */
    LOSES_A_SUBMISSION,
    /** The result of one message is kept back. */
    KEEPS_A_RESULT,
    /** A result is told twice. */
    SETTLES_TWICE,
    /** A message that nobody refused fails for the end of a connection. */
    BLAMES_A_GOOD_MESSAGE,
    /** A message at QoS 2 is handled twice. */
    HANDLES_TWICE,
    /** Nobody says that the store works again. */
    LOSES_THE_RECOVERY_OF_THE_STORE,
    /** The end of a connection is not told. */
    LOSES_THE_END_OF_A_CONNECTION,
    /** Acknowledgements leave in another order. */
    SWAPS_ACKNOWLEDGEMENTS,
    /** What was enqueued is forgotten as soon as it is accepted. */
    FORGETS_THE_QUEUE;

    private static final Set<String> ACKNOWLEDGEMENTS = Set.of("pubAck", "pubRec", "pubComp");

    /** Whether a packet of the client gets lost. */
    boolean loses(String packet, Object[] arguments) {
        return switch (this) {
            case FORGETS_TO_RESEND -> packet.equals("publish") && (boolean) arguments[2];
            case FORGETS_TO_RELEASE -> packet.equals("pubRel");
            default -> false;
        };
    }

    /** Whether a packet of the client is held back until the next has been sent. */
    boolean delays(String packet) {
        return this == SWAPS_ACKNOWLEDGEMENTS && ACKNOWLEDGEMENTS.contains(packet);
    }
}
