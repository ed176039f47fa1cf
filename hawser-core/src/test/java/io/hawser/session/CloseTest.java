package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.hawser.mqtt.ConnectionEvent.Closed;
import io.hawser.mqtt.ConnectionEvent.Disconnected;
import io.hawser.mqtt.ConnectionEvent.PublishesGivenUp;
import io.hawser.mqtt.ConnectionException;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Disconnect;
import io.hawser.mqtt.StoreException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class CloseTest {
    @Test
    void sendsDisconnectAndSettlesWhatIsUnansweredInOrder() {
        Machine machine = Machine.online(options -> options.sendWindow = 2);
        machine.publish(1, "a");
        machine.publish(2, "b", "c");
        machine.publish(0, "d");
        machine.pubRec(2);
        machine.subscribe("e", 1, "h");
        machine.unsubscribe("f");
        machine.take();

        machine.close();

        assertThat(machine.take())
                .containsExactly(
                        "> DISCONNECT",
                        "close",
                        "fail a ClientClosedException",
                        "fail b ClientClosedException",
                        "fail c ClientClosedException",
                        "fail d ClientClosedException",
                        "fail e ClientClosedException",
                        "fail f ClientClosedException");
        assertThat(machine.session.state()).isEqualTo(ConnectionState.CLOSED);
    }

    @Test
    void disconnectSaysForHowLongTheSessionIsToBeKeptInstead() {
        Machine machine = Machine.online5();

        machine.session.close(Disconnect.normal().sessionExpiry(Duration.ofSeconds(7)), machine.now());

        assertThat(machine.packets()).containsExactly("DISCONNECT expiry 7");
    }

    @Test
    void disconnectOf3CannotSayForHowLongTheSessionIsToBeKept() {
        Machine machine = Machine.online();

        machine.session.close(Disconnect.normal().sessionExpiry(Duration.ZERO), machine.now());

        assertThat(machine.packets()).containsExactly("DISCONNECT");
    }

    @Test
    void isToldAsAnEndWithoutACause() {
        Machine machine = Machine.online();

        machine.close();

        assertThat(machine.effects.events()).endsWith(new Disconnected(null), new Closed(null));
    }

    @Test
    void happensOnceAndNothingFollows() {
        Machine machine = Machine.online(options -> options.keepAliveSeconds = 10);
        machine.subscribed("t", 2, "h");
        machine.deliver("m", 2, 1, false);
        machine.close();
        machine.take();

        machine.close();
        machine.session.fail(new StoreException("disk", null), machine.now());
        machine.session.received(ByteBuffer.wrap(new byte[] {(byte) 0xD0, 0}), machine.now());
        machine.session.lost(new ConnectionException("late"), false, machine.now());
        machine.session.writable(machine.now());
        machine.session.readingPaused(true, machine.now());
        machine.session.connect(machine.now());
        machine.acknowledge("m");
        machine.refuse("m");
        machine.defer("m");
        machine.session.tick(Long.MAX_VALUE - 1);

        assertThat(machine.effects.takeAll()).isEmpty();
        assertThat(machine.session.nextDeadline()).isEqualTo(Long.MAX_VALUE);
        assertThat(machine.session.figures().queued()).isZero();
        assertThat(machine.session.figures().inFlight()).isZero();
    }

    @Test
    void requestsAfterwardsFail() {
        Machine machine = Machine.online();
        machine.close();
        machine.take();

        machine.publish(1, "a");
        machine.subscribe("b", 1, "h");

        assertThat(machine.take()).containsExactly("fail a ClientClosedException", "fail b ClientClosedException");
    }

    @Test
    void beforeConnAckThereIsNoDisconnect() {
        Machine machine = Machine.offline(options -> {});
        machine.open();
        machine.take();

        machine.close();

        assertThat(machine.take()).containsExactly("close");
    }

    @Test
    void whileTheNetworkConnectionIsMadeItIsGivenUp() {
        Machine machine = Machine.offline(options -> {});
        machine.session.connect(machine.now());
        machine.take();

        machine.close();

        assertThat(machine.take()).containsExactly("close");
    }

    @Test
    void withoutAConnectionThereIsNothingToClose() {
        Machine never = Machine.offline(options -> {});
        never.publish(1, "m");
        never.take();
        never.close();
        assertThat(never.take()).containsExactly("fail m ClientClosedException");
        assertThat(never.effects.events()).containsExactly(new Closed(null));

        Machine waiting = Machine.online();
        waiting.lose();
        waiting.take();
        waiting.close();
        assertThat(waiting.take()).isEmpty();
    }

    @Test
    void forAReasonOfItsOwnItSendsNoDisconnectSoThatTheWillIsPublished() {
        Machine machine = Machine.online();
        machine.publish(1, "m");
        machine.take();

        StoreException cause = new StoreException("the disk is full", null);
        machine.session.fail(cause, machine.now());

        assertThat(machine.take()).containsExactly("close the disk is full", "fail m ClientClosedException");
        assertThat(machine.effects.events()).endsWith(new Disconnected(cause), new Closed(cause));
    }

    @Test
    void aMessageThatTheLogCouldNotTakeFailsWithTheClient() {
        Machine machine = Machine.online();
        machine.log.room = 0;
        PublishRequest request = new PublishRequest(Machine.message("m", 1));

        StoreException full =
                catchThrowableOfType(StoreException.class, () -> machine.session.publish(request, machine.now()));
        machine.session.fail(full, machine.now());

        assertThat(machine.take()).containsExactly("close the disk is full", "fail m ClientClosedException");
    }

    @Test
    void packetsBehindTheOneThatClosesAreIgnored() {
        Machine machine = Machine.online();
        machine.publish(1, "m");
        machine.take();

        machine.receive(new byte[] {0x20, 2, 0, 0, 0x40, 2, 0, 1});

        List<String> lines = machine.take();
        assertThat(lines).containsExactly("close CONNACK is not allowed on an accepted connection");
    }

    @Test
    void disconnectMayAskForTheWillAndSayWhy() {
        Machine machine = Machine.online5();

        machine.session.close(Disconnect.withWill().reason("the bucket is full").userProperty("k", "v"), machine.now());

        assertThat(machine.packets())
                .hasSize(1)
                .allSatisfy(line -> assertThat(line)
                        .startsWith("DISCONNECT DISCONNECT_WITH_WILL_MESSAGE")
                        .contains("'the bucket is full'")
                        .contains("name=k, value=v"));
    }

    @Test
    void connectionOf3EndsWithoutDisconnectIfTheWillIsToBePublished() {
        Machine machine = Machine.online();

        machine.session.close(Disconnect.withWill().reason("the bucket is full"), machine.now());

        assertThat(machine.take()).containsExactly("close");
    }

    @Test
    void tellsHowManyPublishesAreGivenUpAndWhatWouldHaveHelped() {
        Machine machine = Machine.online(options -> options.cleanSession = true);
        PublishRequest lost = machine.publish(Machine.message("a", 1));
        machine.publish(1, "b");

        machine.close();

        assertThat(machine.effects.events(PublishesGivenUp.class)).containsExactly(new PublishesGivenUp(2));
        assertThat(machine.effects.failures.get(lost))
                .hasMessageContaining("was not acknowledged before close; flush() first");
    }

    @Test
    void doesNotCountWhatAKeptSessionHolds() {
        Machine machine = Machine.online(options -> options.cleanSession = false);
        PublishRequest kept = machine.publish(Machine.message("a", 1));

        machine.close();

        assertThat(machine.effects.events(PublishesGivenUp.class)).isEmpty();
        assertThat(machine.effects.failures.get(kept)).hasMessageContaining("stays in the session store");
    }
}
