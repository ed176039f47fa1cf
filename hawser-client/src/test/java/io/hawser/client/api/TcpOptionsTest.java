package io.hawser.client.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hawser.client.MqttClient;
import io.hawser.client.Tcp;
import io.hawser.mqtt.Message;
import io.hawser.testing.BrokerExtension;
import java.net.InetAddress;
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
        Tcp tcp = Tcp.system().from(InetAddress.getByName("127.0.0.1")).buffers(64 * 1024, 64 * 1024);
        if (hasProbes()) {
            tcp = tcp.keepAlive(Duration.ofSeconds(60), Duration.ofSeconds(10), 5);
        }
        try (MqttClient client = MqttClient.builder(broker.url()).tcp(tcp).build()) {
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
        Tcp tcp = Tcp.system();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tcp.buffers(100, 0))
                .withMessage("buffers: sendBytes is 100, must be 1024 to 268435456");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tcp.buffers(0, -1))
                .withMessageStartingWith("buffers: receiveBytes is -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tcp.keepAlive(Duration.ofMillis(10), Duration.ofSeconds(1), 1))
                .withMessage("keepAlive: idle in seconds is 0, must be 1 to 32767");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tcp.userTimeout(Duration.ZERO))
                .withMessageStartingWith("userTimeout in milliseconds is 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tcp.from(InetSocketAddress.createUnresolved("nowhere", 1)))
                .withMessageContaining("has no address");
    }

    @Test
    void saysThatThisJdkHasNoUserTimeoutUnlessItHas() throws Exception {
        try (SocketChannel channel = SocketChannel.open()) {
            assertThat(channel.supportedOptions()).contains(StandardSocketOptions.SO_KEEPALIVE);
            if (channel.supportedOptions().stream()
                    .noneMatch(option -> option.name().equals("TCP_USER_TIMEOUT"))) {
                assertThatThrownBy(() -> Tcp.system().userTimeout(Duration.ofSeconds(20)))
                        .isInstanceOf(UnsupportedOperationException.class)
                        .hasMessageStartingWith("TCP_USER_TIMEOUT is not among the socket options of this JDK");
            }
        }
    }
}
