package io.hawser.client.api;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.testing.BrokerExtension;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** The logger {@code io.hawser.packets}. */
@Timeout(60)
class PacketLogTest {
    @RegisterExtension
    final BrokerExtension broker = new BrokerExtension();

    private final Logger logger = (Logger) LoggerFactory.getLogger("io.hawser.packets");
    private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

    @BeforeEach
    void listen() {
        logger.setAdditive(false);
        logger.addAppender(appender);
        appender.start();
    }

    @AfterEach
    void listenNoMore() {
        logger.detachAppender(appender);
        logger.setLevel(null);
        logger.setAdditive(true);
    }

    /** The lines of a client that is closed. */
    private List<String> lines() {
        return appender.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @ParameterizedTest
    @EnumSource
    void hasALineForEachPacketWithoutPayloadsAndPasswords(ProtocolVersion version) {
        logger.setLevel(Level.TRACE);
        try (MqttClient client = Variant.hasty(broker.url())
                .version(version)
                .clientId("c")
                .credentials(Credentials.of("user", "hush"))
                .build()) {
            client.connect();
            client.subscribe("a", delivery -> {});
            client.publish(Message.of("a/b", "confidential").qos(Qos.EXACTLY_ONCE));
            client.unsubscribe("a");
        }

        assertThat(lines())
                .extracting(line -> line.replaceAll("^client 'c' (\\w+ [A-Z]+).*", "$1"))
                .containsExactly(
                        "sent CONNECT",
                        "received CONNACK",
                        "sent SUBSCRIBE",
                        "received SUBACK",
                        "sent PUBLISH",
                        "received PUBREC",
                        "sent PUBREL",
                        "received PUBCOMP",
                        "sent UNSUBSCRIBE",
                        "received UNSUBACK",
                        "sent DISCONNECT");
        assertThat(lines())
                .anyMatch(line -> line.contains("a/b qos=2 (12 bytes)"))
                .noneMatch(line -> line.contains("confidential") || line.contains("hush"));
    }

    @Test
    void canBeTurnedOnAndOffWhileAClientLives() {
        try (MqttClient client = Variant.hasty(broker.url()).clientId("c").build()) {
            client.connect();
            client.publish(Message.of("before", "m"));
            logger.setLevel(Level.TRACE);
            client.publish(Message.of("between", "m"));
            client.publish(Message.of("on", "m"));
            logger.setLevel(Level.DEBUG);
            client.publish(Message.of("turning", "m"));
            client.publish(Message.of("off", "m"));
        }

        assertThat(lines())
                .anyMatch(line -> line.contains("sent PUBLISH") && line.contains(" on qos=1"))
                .noneMatch(line -> line.contains(" before ") || line.contains(" off "));
    }
}
