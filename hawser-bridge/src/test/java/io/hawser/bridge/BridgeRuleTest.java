package io.hawser.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.hawser.bridge.BridgeRule.Direction;
import io.hawser.mqtt.TopicName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BridgeRuleTest {
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "# both 2, OUT, a/b, a/b",
                "# both 2, IN, a/b, a/b",
                "a/# out 1, OUT, a, a",
                "a/# out 1, OUT, b/a, -",
                "# out 1 plant/ cloud/7/, OUT, plant/x/y, cloud/7/x/y",
                "# out 1 plant/ cloud/7/, OUT, x/y, -",
                "# both 1 plant/ cloud/7/, IN, cloud/7/x, plant/x",
                "+/t in 1 \"\" r/, IN, r/a/t, a/t",
                "+/t in 1 \"\" r/, IN, r/a/b/t, -",
                "+/t in 1 l/, IN, a/t, l/a/t",
                "a out, OUT, a, a",
            })
    void aTopicKeepsWhatStandsBehindThePrefix(String rule, Direction way, String topic, String mapped) {
        assertThat(BridgeRule.parse(rule).mapped(TopicName.of(topic), way))
                .isEqualTo(mapped == null ? null : TopicName.of(mapped));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a sideways     | direction of a rule must be",
                "a out 3        | QoS of a rule must be",
                "a out 1 +/ b/  | has a wildcard",
                "a out 1 l/ #   | has a wildcard",
                "a/#/b          | it must be the whole last level",
                "$share/g/a out | cannot share",
                "a out 1 b c d  | A rule must be",
                "''             | A rule must be",
            })
    void refusesWhatIsNoRule(String rule, String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BridgeRule.parse(rule))
                .withMessageContaining(text);
    }
}
