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
                "mqtt://me:%41@host/t@x           | false | me   | %41    | host      | 1883 | t@x",
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
                "mqtt://h:x"
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
    }
}
