package io.hawser.client.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.hawser.client.MqttClient;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
                "wss://user:hunter2@broker/?a",
                "wss://broker/?password=hunter2#fragment",
                "wss://broker/?password=hunter2 ",
                "ws://broker:hunter2/path",
                "ws://user:x/hunter2@broker",
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

    @ParameterizedTest
    @CsvSource({
        "mqtt://host, MQTT, host, 1883, '', mqtt://host:1883",
        "MQTTS://my_host/, MQTTS, my_host, 8883, '', mqtts://my_host:8883",
        "mqtts://[::1]:1, MQTTS, ::1, 1, '', mqtts://[::1]:1",
        "mqtt+srv://example.com, MQTT_SRV, example.com, -1, '', mqtt+srv://example.com",
        "mqtts+srv://example.com/, MQTTS_SRV, example.com, -1, '', mqtts+srv://example.com",
        "ws://host, WS, host, 80, /mqtt, ws://host:80/mqtt",
        "ws://host/, WS, host, 80, /, ws://host:80/",
        "wss://host:8443/a/b?token=x@y:z/1, WSS, host, 8443, /a/b?token=x@y:z/1, wss://host:8443/a/b?…",
        "wss://host?token=x, WSS, host, 443, /?token=x, wss://host:443/?…",
        "wss://[fe80::1%eth0]/mqtt, WSS, fe80::1%eth0, 443, /mqtt, wss://[fe80::1%eth0]:443/mqtt",
        "unix:/run/b.sock, UNIX, '', 0, /run/b.sock, unix:/run/b.sock",
        "unix:///run/b.sock, UNIX, '', 0, /run/b.sock, unix:/run/b.sock",
        "mqtt+unix:///run/b c.sock, UNIX, '', 0, /run/b c.sock, unix:/run/b c.sock"
    })
    void takesUrlsApartAndShowsThemWithoutSecrets(
            String url, Server.Scheme scheme, String host, int port, String path, String shown) {
        Server server = Server.parse(url);
        assertThat(server).isEqualTo(new Server(scheme, host, port, path)).hasToString(shown);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "unix:relative.sock",
                "unix:",
                "unix://host/path",
                "mqtt+unix://host/path",
                "mqtt+unix:/path",
                "ws://",
                "ws:///path",
                "ws://host/pa th",
                "ws://host/p\u00e4th",
                "ws://host/path#fragment",
                "ws://host/path\r\nX: y",
                "http://host/",
                "mqtt://host/path",
                "mqtt://host?query",
                "mqtt://[::1]x:1",
                "mqtt://host:",
                "mqtt://host:123456"
            })
    void refusesOthers(String url) {
        assertThatIllegalArgumentException().isThrownBy(() -> Server.parse(url));
    }

    @ParameterizedTest
    @CsvSource({
        "wss://a/x?y, other:1, WSS, other, 1, /x?y",
        "mqtts://a, other, MQTTS, other, 8883, ''",
        "unix:/a, other, MQTT, other, 1883, ''"
    })
    void refersInTheSameWay(String url, String reference, Server.Scheme scheme, String host, int port, String path) {
        assertThat(Server.parse(url).referring(reference)).isEqualTo(new Server(scheme, host, port, path));
    }
}
