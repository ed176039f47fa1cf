package io.hawser.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UrlsTest {
    private static final String SECRET = "hunter2";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mqtt://host:1883                     | mqtt://host:1883",
                "http://localhost                     | http://localhost",
                "localhost                            | localhost",
                "mqtt://                              | mqtt://",
                "mqtt://[::1]:1883                    | mqtt://[::1]:1883",
                "mqtt://host/a/b                      | mqtt://host/a/b",
                "tcp://user:hunter2@broker:1883       | tcp://…@broker:1883",
                "mqtt://user:hun/ter2@broker          | mqtt://…@broker",
                "mqtts//user:hunter2@broker           | …@broker",
                "' mqtt://user:hunter2@broker'        | …@broker",
                "user:hunter2://x@broker              | …@broker",
                "mqtt://user:a@hunter2@broker/t       | mqtt://…@broker/t",
                "wss://broker/?password=hunter2       | wss://broker/?…",
                "wss://broker#hunter2                 | wss://broker#…",
                "mqtt://user:hunt?er2@broker          | mqtt://…",
                "wss://broker/?user=a@hunter2         | wss://…",
                "mqtt://user:hunter2                  | mqtt://user:…",
                "user:hunter2                         | user:…",
            })
    void showsWhatCannotBeSecret(String url, String shown) {
        assertThat(Urls.withoutSecrets(url)).isEqualTo(shown);
    }

    @Test
    void hidesAPasswordWhateverIsAroundIt() {
        String[] schemes = {"mqtt://", "mqtts:/", "MQTT:", "", " tcp://", "mqtt+x://", "1://", "mqtt;//"};
        String odd = "/?#@:%[]&= \\\"';,é\u0001";
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder password = new StringBuilder(SECRET);
            for (int k = random.nextInt(4); k > 0; k--) {
                String one = String.valueOf(odd.charAt(random.nextInt(odd.length())));
                password.insert(random.nextBoolean() ? 0 : password.length(), one);
            }
            String url = schemes[random.nextInt(schemes.length)] + "user:" + password + "@broker:1883/a";

            assertThat(Urls.withoutSecrets(url)).as(url).doesNotContain(SECRET);
        }
    }
}
