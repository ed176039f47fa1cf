package io.hawser.client;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.hawser.mqtt.ConnectResult;
import io.hawser.mqtt.ConnectResult.Negotiated;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ConnectionException;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.mqtt.StoreException;
import io.hawser.mqtt.Subscription;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EventLogTest {
    private static final ConnectionException CUT = new ConnectionException("the link was cut");
    private static final Negotiated NEGOTIATED =
            new Negotiated(Duration.ZERO, null, 10, Qos.EXACTLY_ONCE, 100, 0, true, true, true, true, null);
    private static final ConnectionEvent LOST = new ConnectionEvent.Disconnected(CUT);
    private static final ConnectionEvent BACK = new ConnectionEvent.Connected(
            "mqtt://h", new ConnectResult(ProtocolVersion.MQTT_5, "c", true, NEGOTIATED, "", List.of()));

    private final Logger logger = (Logger) org.slf4j.LoggerFactory.getLogger(EventLog.NAME);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final Level levelBefore = logger.getLevel();
    private long now = -1_000;
    private final EventLog log = new EventLog("c", () -> now);

    @BeforeEach
    void listen() {
        logger.setLevel(Level.INFO);
        logger.setAdditive(false);
        lines.start();
        logger.addAppender(lines);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(lines);
        logger.setAdditive(true);
        logger.setLevel(levelBefore);
    }

    private String written(ConnectionEvent event) {
        lines.list.clear();
        log.log(event);
        return lines.list.isEmpty()
                ? ""
                : lines.list.get(0).getLevel() + " " + lines.list.get(0).getFormattedMessage();
    }

    private void pass(long seconds) {
        now += TimeUnit.SECONDS.toNanos(seconds);
    }

    @Test
    void writesWhatAUserMustSeeAsWarning() {
        assertThat(written(LOST)).isEqualTo("WARN client 'c': not connected: the link was cut");
        assertThat(written(new ConnectionEvent.SubscriptionRefused(
                        Subscription.to("a/#"), rejected("SUBSCRIBE to 'a/#'"))))
                .isEqualTo("WARN client 'c': SUBSCRIBE to 'a/#' was refused by the broker: NOT_AUTHORIZED");
        assertThat(written(new ConnectionEvent.RequestUnanswered("PUBLISH to 'a'", Duration.ofSeconds(30))))
                .isEqualTo("WARN client 'c': PUBLISH to 'a' has not been answered for 30 s; it goes on");
        assertThat(written(new ConnectionEvent.RequestSuspected("PUBLISH to 'a'", 3, true, false, CUT)))
                .isEqualTo("WARN client 'c': the broker ended 3 connections on PUBLISH to 'a': it is set aside,"
                        + " all others go on, and it is tried alone from time to time");
        assertThat(written(new ConnectionEvent.RequestSuspected("PUBLISH to 'a'", 6, true, true, CUT)))
                .isEqualTo("WARN client 'c': the broker ended 6 connections on PUBLISH to 'a', which fails now:"
                        + " the link was cut");
        assertThat(written(new ConnectionEvent.RequestSuspected("CONNECT", 3, false, false, CUT)))
                .isEqualTo("WARN client 'c': the broker ended 3 connections on CONNECT: the link was cut");
        assertThat(written(new ConnectionEvent.PublishesFailed(2, "a", CUT)))
                .isEqualTo("WARN client 'c': 2 publishes that nobody waits for have failed, the last to 'a':"
                        + " the link was cut");
        assertThat(written(new ConnectionEvent.PublishesGivenUp(7)))
                .isEqualTo(
                        "WARN client 'c': closed before the broker had acknowledged 7 publishes, which are given up");
        assertThat(written(new ConnectionEvent.StoreFailed(new StoreException("the disk is full", null))))
                .isEqualTo("WARN client 'c': session store: the disk is full");
        assertThat(written(new ConnectionEvent.DeliveryFailed(
                        Message.of("a", "secret"), new IllegalStateException("no"), 1, true)))
                .startsWith("WARN client 'c': handler failed on Message[a, ")
                .doesNotContain("secret");
        assertThat(lines.list.get(0).getThrowableProxy().getMessage()).isEqualTo("no");
        assertThat(written(new ConnectionEvent.UnacknowledgedBacklog(10, 0)))
                .isEqualTo("WARN client 'c': 10 received messages are not acknowledged;"
                        + " the broker stops sending QoS 1 and 2 at a limit that it does not tell");
        assertThat(written(new ConnectionEvent.UnacknowledgedBacklog(10, 20))).isEmpty();
    }

    @Test
    void writesTheEndForAReasonAsErrorAndTheEndThatWasAskedForAsInformation() {
        assertThat(written(new ConnectionEvent.Closed(rejected("CONNECT to mqtt://h"))))
                .isEqualTo("ERROR client 'c': closed, because it cannot go on:"
                        + " CONNECT to mqtt://h was refused by the broker: NOT_AUTHORIZED");
        assertThat(written(new ConnectionEvent.Closed(null))).isEqualTo("INFO client 'c': closed");
    }

    @Test
    void writesTheWayBackAsInformation() {
        assertThat(written(BACK)).isEqualTo("INFO client 'c': connected to mqtt://h with MQTT 5.0, session present");
        assertThat(written(LOST)).isEqualTo("WARN client 'c': connection lost: the link was cut");
        assertThat(written(BACK)).startsWith("INFO client 'c': connected to mqtt://h");
        assertThat(written(new ConnectionEvent.PublishesPaced(100, Integer.MAX_VALUE, 7)))
                .isEqualTo("INFO client 'c': 7 publishes wait for the next second, since the broker takes no more than"
                        + " 100 messages, by its profile");
        assertThat(written(new ConnectionEvent.StoreRecovered()))
                .isEqualTo("INFO client 'c': the session store works again");
        assertThat(written(new ConnectionEvent.Connecting(
                        "mqtt://h", ProtocolVersion.MQTT_3_1_1, 1, ProtocolVersion.MQTT_5)))
                .isEqualTo("INFO client 'c': mqtt://h does not speak MQTT 5.0, trying 3.1.1");
    }

    @Test
    void isSilentAboutWhatGoesOnByItself() {
        for (ConnectionEvent quiet : List.of(
                new ConnectionEvent.Connecting("mqtt://h", ProtocolVersion.MQTT_5, 1, null),
                new ConnectionEvent.Ready("mqtt://h"),
                new ConnectionEvent.ReconnectScheduled(Duration.ofSeconds(1), CUT),
                new ConnectionEvent.Disconnected(null))) {
            assertThat(written(quiet)).as("%s", quiet).isEmpty();
        }
    }

    @Test
    void writesTroubleThatComesAgainAtGrowingDistancesUpToAnHour() {
        int written = 0;
        for (int second = 0; second < 36_000; second++) {
            written += written(LOST).isEmpty() ? 0 : 1;
            pass(1);
        }
        // At 0, 10, 30, 70, 150, ... and then every hour.
        assertThat(written).isEqualTo(18);
        pass(3_600);
        assertThat(written(LOST)).matches(".* \\(and \\d+ times since the last such line\\)");
    }

    @Test
    void writesNothingOfAConnectionThatComesAndGoesInBetween() {
        log.log(BACK);
        log.log(LOST);
        pass(1);
        log.log(BACK);
        assertThat(written(LOST)).isEmpty();
        assertThat(written(BACK)).isEmpty();
        pass(20);
        assertThat(written(LOST)).isNotEmpty();
        assertThat(written(BACK)).isNotEmpty();
    }

    @Test
    void writesTroubleAtOnceThatWasAwayForLong() {
        log.log(LOST);
        log.log(LOST);
        pass(3_601);
        assertThat(written(LOST)).isNotEmpty();
        pass(11);
        assertThat(written(LOST)).isNotEmpty();
    }

    @Test
    void writesAnotherCauseAtOnce() {
        log.log(LOST);
        assertThat(written(new ConnectionEvent.Disconnected(rejected("CONNECT to mqtt://h"))))
                .isNotEmpty();
        assertThat(written(new ConnectionEvent.SubscriptionRefused(Subscription.to("a"), rejected("a"))))
                .isNotEmpty();
        assertThat(written(new ConnectionEvent.SubscriptionRefused(Subscription.to("b"), rejected("b"))))
                .isNotEmpty();
    }

    @Test
    void escapesWhatOthersHaveWritten() {
        MqttException evil = new ConnectionException("a\nb\u001B[2J");
        assertThat(written(new ConnectionEvent.Disconnected(evil)))
                .doesNotContain("\n")
                .doesNotContain("\u001B");
    }

    @Test
    void everyEventHasALevelOfItsOwn() {
        assertThat(ConnectionEvent.class.getPermittedSubclasses())
                .allSatisfy(kind -> assertThat(kind.getDeclaredMethod("level")).isNotNull());
    }

    private static RequestRejectedException rejected(String request) {
        return new RequestRejectedException(request, null, ReasonCode.NOT_AUTHORIZED);
    }
}
