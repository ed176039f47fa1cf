package io.hawser.client.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hawser.client.ClientBuilder;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.Message;
import io.hawser.testing.BrokerExtension;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TcpOptionsTest {
    @RegisterExtension
    final BrokerExtension broker = new BrokerExtension();

    @Test
    void connectsWithEveryOptionThatThisJdkHas() throws Exception {
        ClientBuilder<MqttClient> options = MqttClient.builder(broker.url())
                .localAddress(new InetSocketAddress("127.0.0.1", 0))
                .socketBuffers(64 * 1024, 64 * 1024);
        if (hasProbes()) {
            options.tcpKeepAlive(Duration.ofSeconds(60), Duration.ofSeconds(10), 5);
        }
        try (MqttClient client = options.build()) {
            client.connect();
            assertThat(client.publish(Message.of("a", "b"))).isNotNull();
        }
    }

    private static boolean hasProbes() throws Exception {
        try (SocketChannel channel = SocketChannel.open()) {
            return channel.supportedOptions().stream()
                    .anyMatch(option -> option.name().equals("TCP_KEEPIDLE"));
        }
    }

    @Test
    void saysWhatIsWrongWithAnOption() {
        ClientBuilder<MqttClient> options = MqttClient.builder("mqtt://localhost");
        Duration second = Duration.ofSeconds(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> options.socketBuffers(-1, 0))
                .withMessageContaining("sendBytes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> options.socketBuffers(0, 1 << 30))
                .withMessageContaining("receiveBytes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> options.tcpKeepAlive(Duration.ofMillis(10), second, 1))
                .withMessageContaining("idle");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> options.tcpUserTimeout(Duration.ZERO))
                .withMessageContaining("timeout");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> options.localAddress(InetSocketAddress.createUnresolved("nowhere", 1)))
                .withMessageContaining("has no address");
    }

    @Test
    void saysThatThisJdkHasNoUserTimeoutUnlessItHas() throws Exception {
        try (SocketChannel channel = SocketChannel.open()) {
            assertThat(channel.supportedOptions()).contains(StandardSocketOptions.SO_KEEPALIVE);
            if (channel.supportedOptions().stream()
                    .noneMatch(option -> option.name().equals("TCP_USER_TIMEOUT"))) {
                assertThatThrownBy(() -> MqttClient.builder("mqtt://localhost").tcpUserTimeout(Duration.ofSeconds(20)))
                        .isInstanceOf(UnsupportedOperationException.class)
                        .hasMessageStartingWith("TCP_USER_TIMEOUT is not among the socket options of this JDK");
            }
        }
    }
}
