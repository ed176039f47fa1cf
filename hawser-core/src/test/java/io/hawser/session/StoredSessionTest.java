package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.QueuePolicy;
import io.hawser.store.SessionStore;
import org.junit.jupiter.api.Test;

/** What a second client finds that is given the store of the first. */
class StoredSessionTest {
    private final SessionStore store = SessionStore.inMemory();

    private Machine client() {
        return new Machine(store, options -> {});
    }

    private static void end(Machine machine) {
        machine.close();
        machine.log.close();
    }

    @Test
    void resumesMessagesInFlightAndQueuedOnesInOrder() {
        Machine first = new Machine(store, options -> options.sendWindow = 3);
        first.connect(false);
        first.publish(1, "a");
        first.publish(2, "b", "c");
        first.publish(1, "d");
        first.enqueue("e");
        first.publish(0, "lost");
        first.pubRec(2);
        end(first);

        Machine second = client();
        second.publish(1, "f");
        second.connect(true);

        assertThat(second.packets())
                .containsExactly(
                        "CONNECT 3.1.1",
                        "PUBLISH a q1 #1 dup",
                        "PUBREL #2",
                        "PUBLISH c q2 #3 dup",
                        "PUBLISH d q1 #4",
                        "PUBLISH e q0",
                        "PUBLISH f q1 #5");
        assertThat(second.session.lastSequence()).isEqualTo(6);
    }

    @Test
    void theThirdClientSeesHowFarTheSecondHasCome() {
        Machine first = client();
        first.publish(2, "a", "b");
        end(first);

        Machine second = client();
        second.connect(false);
        second.pubRec(1);
        end(second);

        Machine third = client();
        third.connect(true);
        assertThat(third.packets()).containsExactly("CONNECT 3.1.1", "PUBREL #1", "PUBLISH b q2 #2 dup");
        third.pubComp(1);
        end(third);

        Machine fourth = client();
        fourth.connect(true);
        assertThat(fourth.packets()).containsExactly("CONNECT 3.1.1", "PUBLISH b q2 #2 dup");
    }

    @Test
    void whatMayHaveArrivedInALostSessionStaysInDoubtForTheNextClient() {
        Machine first = client();
        first.connect(false);
        first.publish(2, "a");
        first.reconnect(false);
        end(first);

        Machine second = client();
        second.connect(true);
        second.pubRec(2);
        second.pubComp(2);

        assertThat(second.take()).endsWith("log settled a", "complete a possibly duplicated");
    }

    @Test
    void identifiersGoOnBehindTheLastOneInFlight() {
        Machine first = client();
        first.connect(false);
        first.publish(1, "a", "b", "c");
        first.pubAck(1);
        first.pubAck(2);
        end(first);

        Machine second = client();
        second.publish(1, "d");
        second.connect(true);

        assertThat(second.packets()).containsExactly("CONNECT 3.1.1", "PUBLISH c q1 #3 dup", "PUBLISH d q1 #4");
    }

    @Test
    void whatWasAcknowledgedIsGone() {
        Machine first = client();
        first.connect(false);
        first.publish(1, "a");
        first.pubAck(1);
        end(first);

        Machine second = client();
        second.connect(true);

        assertThat(second.packets()).containsExactly("CONNECT 3.1.1");
    }

    @Test
    void aReceivedQos2MessageIsNotDeliveredToTheNextClient() {
        Machine first = client();
        first.connect(false);
        first.subscribed("#", 2, "h");
        first.deliver("m", 2, 9, false);
        first.acknowledge("m");
        end(first);

        Machine second = client();
        second.connect(true);
        second.take();
        second.deliver("m", 2, 9, true);
        second.pubRel(9);

        assertThat(second.take()).containsExactly("> PUBREC #9", "log forgotten #9", "> PUBCOMP #9");
    }

    @Test
    void aLostSessionFreesTheIdentifiersOfReceivedMessages() {
        Machine first = client();
        first.connect(false);
        first.subscribed("#", 2, "h");
        first.deliver("m", 2, 9, false);
        first.acknowledge("m");
        end(first);

        Machine second = client();
        second.declare("#", 2, "h");
        second.connect(false);
        assertThat(second.take()).contains("log forgotten #9");
        second.deliver("n", 2, 9, false);

        assertThat(second.take()).containsExactly("deliver n #9 to h");
    }

    @Test
    void subscriptionsAreMadeAgainBecauseTheLastClientMayHaveLeftInDoubt() {
        Machine first = client();
        first.connect(false);
        first.subscribed("a", 1, "h");
        first.subscribed("b", 2, "h");
        end(first);

        Machine second = client();
        second.connect(true);
        assertThat(second.packets()).containsExactly("CONNECT 3.1.1", "SUBSCRIBE #1 a:1 b:2");
        second.subAck(1, 1, 2);
        second.reconnect(true);
        assertThat(second.packets()).isEmpty();
    }

    @Test
    void aDeclaredSubscriptionTakesThePlaceOfTheStoredOneWithItsFilter() {
        Machine first = client();
        first.connect(false);
        first.subscribed("t", 1, "h");
        first.subscribed("a", 1, "h");
        end(first);

        Machine second = client();
        second.declare("t", 2, "h2");
        second.connect(true);
        assertThat(second.packets()).containsExactly("CONNECT 3.1.1", "SUBSCRIBE #1 a:1 t:2");
        second.deliver("m", 1, 1, false);

        assertThat(second.take()).containsExactly("deliver m #1 to h2");
    }

    @Test
    void anUnsubscribedFilterIsForgotten() {
        Machine first = client();
        first.connect(false);
        first.subscribed("a", 1, "h");
        first.unsubscribe("a");
        first.unsubAck(2);
        end(first);

        Machine second = client();
        second.connect(false);

        assertThat(second.packets()).containsExactly("CONNECT 3.1.1");
    }

    @Test
    void restoredMessagesMayExceedTheNewBound() {
        Machine first = client();
        first.publish(1, "a", "b", "c");
        end(first);

        Machine second = new Machine(store, options -> options.queue = QueuePolicy.bounded(1));
        assertThat(second.session.figures().queued()).isEqualTo(3);
        second.publish(1, "d");

        assertThat(second.take()).containsExactly("fail d QUEUE_FULL");
    }

    @Test
    void anAcknowledgementAfterTheEndIsNotLogged() {
        Machine first = client();
        first.connect(false);
        first.subscribed("#", 2, "h");
        first.deliver("m", 2, 9, false);
        end(first);
        first.take();

        first.acknowledge("m");
        first.refuse("m");

        assertThat(first.take()).isEmpty();
    }
}
