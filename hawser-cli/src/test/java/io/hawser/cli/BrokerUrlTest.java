package io.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BrokerUrlTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "mqtt://host                      | MQTT  | -    | -      | host      | 1883 | -",
                "mqtts://host                     | MQTTS | -    | -      | host      | 8883 | -",
                "mqtt://host/                     | MQTT  | -    | -      | host      | 1883 | -",
                "mqtt://host:1999/a/b             | MQTT  | -    | -      | host      | 1999 | a/b",
                "mqtt://me@host/t                 | MQTT  | me   | -      | host      | 1883 | t",
                "mqtts://me:secret@host:1/t       | MQTTS | me   | secret | host      | 1    | t",
                "mqtt://me:a:b@c@host/t           | MQTT  | me   | a:b@c  | host      | 1883 | t",
                "mqtt://me:%41@host/t@x           | MQTT  | me   | A      | host      | 1883 | t@x",
                "mqtt://me:p%40ss%2f%25@host/%41  | MQTT  | me   | p@ss/% | host      | 1883 | %41",
                "mqtt://a%2Fb:%c3%A9@host         | MQTT  | a/b  | é      | host      | 1883 | -",
                "mqtt://me:100%@host              | MQTT  | me   | 100%   | host      | 1883 | -",
                "mqtt://me:%4x%%34%@host          | MQTT  | me   | %4x%4% | host      | 1883 | -",
                "MQTT://Host                      | MQTT  | -    | -      | Host      | 1883 | -",
                "MqttS://host                     | MQTTS | -    | -      | host      | 8883 | -",
                "mqtt://[::1]/t                   | MQTT  | -    | -      | ::1       | 1883 | t",
                "mqtt://me@[::1]:1234/t           | MQTT  | me   | -      | ::1       | 1234 | t",
                "ws://host                        | WS    | -    | -      | host      | 80   | -",
                "wss://me:p%40@host/a/b?c=d/e@f   | WSS   | me   | p@     | host      | 443  | /a/b?c=d/e@f",
                "ws://[::1]:8080?a                | WS    | -    | -      | ::1       | 8080 | ?a",
                "unix:/run/b@c.sock               | UNIX  | -    | -      | ''        | 0    | /run/b@c.sock",
                "mqtt+unix:///run/b.sock          | UNIX  | -    | -      | ''        | 0    | /run/b.sock",
                "mqtt://my_host.local:65535//t    | MQTT  | -    | -      | my_host.local | 65535 | /t",
            })
    void takesUrlsApart(
            String url, BrokerUrl.Scheme scheme, String user, String password, String host, int port, String path) {
        assertThat(BrokerUrl.parse(url)).isEqualTo(new BrokerUrl(scheme, user, password, host, port, path));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://host/t",
                "host/t",
                "mqtt://",
                "mqtt:///t",
                "mqtt://:1883/t",
                "mqtt://h:0/t",
                "mqtt://h:65536/t",
                "mqtt://h:/t",
                "mqtt://h:x",
                "mqtt://me:%ff@h",
                "ws:///path",
                "wss://h:x/path",
                "unix:relative",
                "unix://host/path",
                "mqtt+unix:/path"
            })
    void refusesWhatIsNoUrlOfABroker(String url) {
        assertThatIllegalArgumentException().isThrownBy(() -> BrokerUrl.parse(url));
    }

    @Test
    void keepsThePasswordToItself() {
        assertThat(BrokerUrl.parse("mqtt://me:secret@[::1]/t")).hasToString("mqtt://[::1]:1883/t");
        assertThat(BrokerUrl.parse("wss://me:secret@host/a?b=secret")).hasToString("wss://host:443/a?…");
        assertThat(BrokerUrl.parse("unix:/run/a?b")).hasToString("unix:/run/a?b");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BrokerUrl.parse("mqtt://me:secret@host:0/t"))
                .withMessageNotContaining("secret");
        for (String url : new String[] {
            "mqtt://me:hunter2/x@host/t",
            "mqtt://me:123456/x@host",
            "mqtts//me:hunter2@host",
            "mqtt://me:hunter2@",
            "mqtt://me:hunter2@host:1x",
            "mqtt://me:%ffhunter2@host",
            " mqtt://me:hunter2@host",
        }) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> BrokerUrl.parse(url))
                    .withMessageNotContaining("hunter2")
                    .withMessageNotContaining("123456");
        }
    }
}
