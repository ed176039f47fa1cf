package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ConnectionEvent.RequestSuspected;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.QueuePolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A program that goes on publishing what the broker ends connections on, beside what the broker takes. */
class SteadyPoisonTest {
    private static final Duration STEP = Duration.ofMillis(50);
    private static final int STEPS = 20 * 60 * 20;
    /** In twenty minutes more bad ones come than it holds. */
    private static final int QUEUE = 200;

    private static final Pattern PUBLISH = Pattern.compile("PUBLISH ([a-z]+)(\\d*) q(\\d) #(\\d+).*");

    private final Machine machine =
            Machine.online(options -> options.queue = QueuePolicy.bounded(QUEUE).rejectNew());
    private final Map<PublishRequest, Long> good = new HashMap<>();
    private final List<PublishRequest> bad = new ArrayList<>();
    private long longestNanos;
    private boolean allowed;

    /** To one topic, to another each time, and to that of the good ones. */
    @ParameterizedTest
    @CsvSource({
        "forbidden, 500",
        "forbidden, 1000",
        "forbidden, 5000",
        "forbidden/%d, 1000",
        "forbidden/%d, 5000",
        "good, 1000",
        "good, 5000"
    })
    void fillsTheQueueForNobodyElse(String topic, int everyMillis) {
        for (int i = 0; i < STEPS; i++) {
            long millis = i * STEP.toMillis();
            if (millis % everyMillis == 0) {
                bad.add(machine.publish(
                        Message.of(topic.formatted(i), "bad" + i).qos(Qos.AT_LEAST_ONCE)));
            }
            if (millis % 500 == 0) {
                good.put(machine.publish(Message.of("good", "good" + i).qos(Qos.AT_LEAST_ONCE)), machine.now());
            }
            broker();
            machine.pass(STEP);
            look();
        }
        assertThat(longestNanos).isLessThan(30_000_000_000L);
        assertThat(good).hasSizeLessThan(60);
        assertThat(bad.stream().filter(machine.effects.failures::containsKey)).hasSizeGreaterThan(bad.size() / 2);
        assertThat(bad).noneMatch(machine.effects.results::containsKey);
        assertThat(machine.effects.events(RequestSuspected.class)).isNotEmpty();
    }

    @Test
    void whatWaitsForOthersOfItsTopicIsSentAsSoonAsTheBrokerTakesOne() {
        for (int i = 0; i < 400; i++) {
            if (i % 20 == 0) {
                bad.add(machine.publish(Message.of("forbidden", "bad" + i).qos(Qos.AT_LEAST_ONCE)));
            }
            broker();
            machine.pass(STEP);
        }
        assertThat(machine.session.figures().setAside()).isGreaterThan(10);
        allowed = true;
        for (int i = 0; i < 20 * 300 && !bad.stream().allMatch(machine.effects.results::containsKey); i++) {
            broker();
            machine.pass(STEP);
        }
        assertThat(bad).allMatch(machine.effects.results::containsKey);
        assertThat(machine.effects.failures).isEmpty();
    }

    private void look() {
        good.entrySet().removeIf(entry -> {
            boolean settled = machine.effects.results.containsKey(entry.getKey());
            assertThat(machine.effects.failures.get(entry.getKey())).isNull();
            if (settled) {
                longestNanos = Math.max(longestNanos, machine.now() - entry.getValue());
            }
            return settled;
        });
    }

    private void broker() {
        if (machine.session.state() == ConnectionState.CONNECTING) {
            machine.opened();
            machine.connAck(true);
        }
        for (List<String> packets = machine.packets(); !packets.isEmpty(); packets = machine.packets()) {
            for (String packet : packets) {
                Matcher publish = PUBLISH.matcher(packet);
                if (packet.equals("PINGREQ")) {
                    machine.pingResp();
                } else if (publish.matches() && publish.group(1).equals("bad") && !allowed) {
                    machine.peerEnds();
                    return;
                } else if (publish.matches()) {
                    machine.pubAck(Integer.parseInt(publish.group(4)));
                }
            }
        }
    }
}
