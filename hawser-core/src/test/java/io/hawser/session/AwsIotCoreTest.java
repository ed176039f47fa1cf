package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.BrokerProfile;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.mqtt.Subscription;
import io.hawser.store.SessionStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An hour of virtual time at a broker with the published limits of AWS IoT Core, which ends connections that exceed them. */
class AwsIotCoreTest {
    private static final long SECOND = CloudBroker.SECOND;

    private final CloudBroker cloud = new CloudBroker();
    private final List<PublishRequest> good = new ArrayList<>();
    private final List<PublishRequest> beyond = new ArrayList<>();
    private final List<PublishRequest> forbidden = new ArrayList<>();
    private ClientSession session;

    /** The options that an application gets without asking, but for version, profile and a window. */
    private void start(ProtocolVersion version, BrokerProfile profile, Qos subscribed) {
        SessionConfig config = new SessionConfig();
        config.clientId = "device";
        config.servers = List.of("aws");
        config.versions = List.of(version);
        config.broker = profile;
        config.seed = 7;
        session = cloud.client(config, SessionStore.inMemory());
        session.tellOfUnanswered(Duration.ofSeconds(30));
        for (int i = 0; i < 20; i++) {
            session.declare(new SubscriptionRequest(
                    Subscription.to("device/commands/" + i).qos(subscribed), "h"));
        }
        session.connect(cloud.now());
    }

    private void publish(List<PublishRequest> list, Message message) {
        PublishRequest request = new PublishRequest(message);
        list.add(request);
        session.publish(request, cloud.now());
    }

    /** A minute of a device: 500 readings at once, some large ones, and now and then what the broker does not take. */
    private void minute(int minute) {
        IntStream.range(0, 500).forEach(i -> publish(good, Message.of("device/readings", "reading " + i)));
        IntStream.range(0, 10).forEach(i -> publish(good, Message.of("device/pictures", new byte[100_000])));
        publish(good, Message.of("device/live", "x").qos(Qos.AT_MOST_ONCE));
        switch (minute % 12) {
            case 2 -> publish(beyond, Message.of("device/exactly", "x").qos(Qos.EXACTLY_ONCE));
            case 4 -> publish(beyond, Message.of("device/film", new byte[200_000]));
            case 6 -> publish(beyond, Message.of("a/b/c/d/e/f/g/h/i", "x"));
            case 8 -> publish(beyond, Message.of("x".repeat(257), "x"));
            case 10 -> cloud.cut();
            default -> {}
        }
        if (minute == 20) {
            publish(forbidden, Message.of("forbidden/x", "x"));
        }
    }

    private void hour() {
        for (int minute = 0; minute < 60; minute++) {
            minute(minute);
            cloud.pass(60 * SECOND);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MQTT_5", "MQTT_3_1_1"})
    void theDefaultClientWithTheProfileWorksForAnHour(ProtocolVersion version) {
        start(version, BrokerProfile.AWS_IOT, Qos.EXACTLY_ONCE);

        hour();
        cloud.pass(600 * SECOND);

        assertThat(Set.copyOf(cloud.offences)).isSubsetOf("a forbidden topic");
        assertThat(session.state()).isEqualTo(ConnectionState.READY);
        assertThat(good).hasSize(60 * 511).allMatch(cloud.acknowledged::contains);
        assertThat(beyond)
                .hasSize(20)
                .allSatisfy(request -> assertThat(cloud.failures.get(request))
                        .isInstanceOf(RequestRejectedException.class)
                        .hasMessageContaining("the broker profile AWS_IOT allows "));
        assertThat(forbidden)
                .allSatisfy(request -> assertThat(cloud.failures.get(request))
                        .isInstanceOf(RequestRejectedException.class)
                        .hasMessageContaining("forbidden/x"));
        assertThat(cloud.events(ConnectionEvent.PublishesPaced.class)).hasSizeBetween(30, 120);
        assertThat(session.figures().queued()).isZero();
    }

    @ParameterizedTest
    @EnumSource(names = {"MQTT_5", "MQTT_3_1_1"})
    void withoutTheProfileTheClientGoesOnAndSaysWhy(ProtocolVersion version) {
        start(version, BrokerProfile.of("none"), Qos.AT_LEAST_ONCE);

        for (int minute = 0; minute < 60; minute += 20) {
            int before = cloud.acknowledged.size();
            for (int i = 0; i < 20; i++) {
                minute(minute + i);
                cloud.pass(60 * SECOND);
            }
            assertThat(cloud.acknowledged.size()).as("after minute " + minute).isGreaterThan(before);
        }

        assertThat(cloud.offences).contains("more than 100 publishes in a second");
        assertThat(cloud.events(ConnectionEvent.Disconnected.class))
                .extracting(ConnectionEvent.Disconnected::cause)
                .doesNotContainNull();
        assertThat(cloud.events(ConnectionEvent.RequestUnanswered.class)).isNotEmpty();
        assertThat(cloud.events(ConnectionEvent.RequestSuspected.class)).isNotEmpty();
    }

    @Test
    void eachRateIsKeptInEverySecond() {
        for (int perSecond : new int[] {1, 2, 3, 7, 10, 99, 100, 1_000}) {
            CloudBroker slow = new CloudBroker();
            slow.publishesPerSecond = perSecond;
            SessionConfig config = new SessionConfig();
            config.servers = List.of("slow");
            config.broker = BrokerProfile.of("slow").publishesPerSecond(perSecond);
            config.versions = List.of(ProtocolVersion.MQTT_3_1_1);
            ClientSession client = slow.client(config, SessionStore.inMemory());
            client.connect(slow.now());
            int count = 20 * perSecond;
            for (int i = 0; i < count; i++) {
                client.publish(new PublishRequest(Message.of("t", "x")), slow.now());
            }
            slow.pass(26 * SECOND);
            assertThat(slow.offences).as("at " + perSecond).isEmpty();
            assertThat(slow.acknowledged).as("at " + perSecond).hasSize(count);
        }
    }
}
