package io.hawser.springboot3;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.client.MqttClient;
import io.hawser.client.Tls;
import io.hawser.mqtt.Message;
import io.hawser.testing.BrokerExtension;
import io.netty.util.Version;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.reactive.context.ReactiveWebServerApplicationContext;

/** The client among the versions that Spring Boot 3.5 manages, beside a web server on its Netty. */
class SpringBoot3Test {
    @RegisterExtension
    final BrokerExtension broker = new BrokerExtension();

    /** An application as anybody would write it. */
    @SpringBootApplication
    static class Application {}

    private static ReactiveWebServerApplicationContext application;

    @BeforeAll
    static void start() {
        application = (ReactiveWebServerApplicationContext) new SpringApplicationBuilder(Application.class)
                .properties("server.port=0", "server.address=127.0.0.1", "spring.main.banner-mode=off")
                .run();
    }

    @AfterAll
    static void stop() {
        application.close();
    }

    private static void assertTalks(MqttClient client) throws Exception {
        assertThat(application.getWebServer().getPort()).isPositive();
        try (client) {
            client.connectAsync().get(20, TimeUnit.SECONDS);
            BlockingQueue<String> inbox = new LinkedBlockingQueue<>();
            client.subscribe("meters/+", delivery -> inbox.add(delivery.text()));
            client.publish(Message.of("meters/7", "21.5"));
            assertThat(inbox.poll(20, TimeUnit.SECONDS)).isEqualTo("21.5");
        }
    }

    @Test
    void connectsBesideAServerOnTheNettyThatBootManages() throws Exception {
        assertThat(Version.identify().get("netty-common").artifactVersion()).startsWith("4.1.");
        assertTalks(MqttClient.builder(broker.url()).build());
    }

    @Test
    void connectsOverTls() throws Exception {
        try (TlsFront front = new TlsFront(broker.server().port())) {
            assertTalks(MqttClient.builder(front.url())
                    .tls(Tls.trusting(front.certificates))
                    .build());
        }
    }
}
