package io.hawser.client.loop;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.hawser.client.MqttClient;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "tcp://user:hunter2@broker:1883",
                "mqtt://user:hunter2@broker",
                "mqtt://user:hunter2/x@broker",
                "mqtt://user:x/hunter2@broker",
                "mqtt://hunter2@",
                "mqtts//user:hunter2@broker",
                "mqtts:user:hunter2@broker",
                " mqtt://user:hunter2@broker",
                "mqtt://[user:hunter2@broker",
                "mqtt://user:hunter2",
                "mqtt://broker:70000?hunter2",
                "mqtt://broker/?password=hunter2",
                "wss://broker/?password=hunter2",
                "mqtt://broker#hunter2",
            })
    void quotesNoPassword(String url) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Server.parse(url))
                .withMessageStartingWith("server '")
                .withMessageNotContaining("hunter2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MqttClient.builder("mqtt://broker", url))
                .withMessageNotContaining("hunter2");
    }
}
