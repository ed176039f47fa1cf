package io.hawser.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.MessageDroppedException;
import io.hawser.mqtt.MessageDroppedException.Rule;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How an outcome stands in a journal of format 1. */
class OutcomesTest {
    private static final Map<Rule, Integer> CODES = Map.of(
            Rule.QUEUE_FULL, 0,
            Rule.OLDEST_DROPPED, 1,
            Rule.SESSION_LOST, 2,
            Rule.EXPIRED, 3,
            Rule.NEEDS_MQTT_5, 4);

    /** A rule without a code here is a new one: its code is the next, wherever it stands among the rules. */
    @ParameterizedTest
    @EnumSource
    void ruleHasItsCodeWhateverItsPlaceAmongTheRules(Rule rule) {
        Publish publish = new Publish(1, Message.of("t", "m"), "k");
        publish.failure = new MessageDroppedException(rule, "why");

        byte[] outcome = Outcomes.encode(publish);

        assertThat(CODES).containsKey(rule);
        assertThat(outcome[outcome.length - 1]).isEqualTo(CODES.get(rule).byteValue());
        assertThat(Outcomes.failure(outcome))
                .isInstanceOfSatisfying(
                        MessageDroppedException.class,
                        read -> assertThat(read.rule()).isEqualTo(rule));
    }
}
