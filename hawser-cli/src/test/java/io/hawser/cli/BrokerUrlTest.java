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
                "mqtt://host                      | false | -    | -      | host      | 1883 | -",
                "mqtts://host                     | true  | -    | -      | host      | 8883 | -",
                "mqtt://host/                     | false | -    | -      | host      | 1883 | -",
                "mqtt://host:1999/a/b             | false | -    | -      | host      | 1999 | a/b",
                "mqtt://me@host/t                 | false | me   | -      | host      | 1883 | t",
                "mqtts://me:secret@host:1/t       | true  | me   | secret | host      | 1    | t",
                "mqtt://me:a:b@c@host/t           | false | me   | a:b@c  | host      | 1883 | t",
                "mqtt://me:%41@host/t@x           | false | me   | A      | host      | 1883 | t@x",
                "mqtt://me:p%40ss%2f%25@host/%41  | false | me   | p@ss/% | host      | 1883 | %41",
                "mqtt://a%2Fb:%c3%A9@host         | false | a/b  | é      | host      | 1883 | -",
                "mqtt://me:100%@host              | false | me   | 100%   | host      | 1883 | -",
                "mqtt://me:%4x%%34%@host          | false | me   | %4x%4% | host      | 1883 | -",
                "MQTT://Host                      | false | -    | -      | Host      | 1883 | -",
                "MqttS://host                     | true  | -    | -      | host      | 8883 | -",
                "mqtt://[::1]/t                   | false | -    | -      | ::1       | 1883 | t",
                "mqtt://me@[::1]:1234/t           | false | me   | -      | ::1       | 1234 | t",
                "mqtt://my_host.local:65535//t    | false | -    | -      | my_host.local | 65535 | /t",
            })
    void takesUrlsApart(String url, boolean tls, String user, String password, String host, int port, String topic) {
        assertThat(BrokerUrl.parse(url)).isEqualTo(new BrokerUrl(tls, user, password, host, port, topic));
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
                "mqtt://me:%ff@h"
            })
    void refusesWhatIsNoUrlOfABroker(String url) {
        assertThatIllegalArgumentException().isThrownBy(() -> BrokerUrl.parse(url));
    }

    @Test
    void keepsThePasswordToItself() {
        assertThat(BrokerUrl.parse("mqtt://me:secret@[::1]/t")).hasToString("mqtt://[::1]:1883/t");
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
