package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.TopicName;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each handler gets a message once on MQTT 5.0, whether the broker sends it once or once for each subscription that matches. */
class OverlapTest {
    private final Machine machine = Machine.online5();
    private final Map<String, Integer> identifiers = new TreeMap<>();

    private void subscribe(Subscription subscription) {
        String filter = subscription.filter().toString();
        machine.session.request(new SubscriptionRequest(subscription, filter), machine.now());
        identifiers.put(
                filter, machine.effects.sink.subscribed.subscriptions().get(0).identifier());
    }

    private void subscribe(String... filters) {
        for (String filter : filters) {
            subscribe(Subscription.to(filter));
        }
        machine.take();
    }

    private void deliver(String topic, List<Integer> with) {
        machine.receive(broker ->
                broker.publish(Message.of(topic, "m").qos(Qos.AT_MOST_ONCE).subscriptionIdentifiers(with), 0, false));
    }

    private List<Integer> matching(String topic) {
        return identifiers.entrySet().stream()
                .filter(each -> TopicFilter.of(each.getKey()).matches(TopicName.of(topic)))
                .map(Map.Entry::getValue)
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ov/1", "ov/2", "ov", "ov/1/x"})
    void oneCopyForEachSubscriptionCallsEachHandlerOnce(String topic) {
        subscribe("ov/#", "ov/+", "ov/1", "+/1", "#", "ov/1/#", "$share/g/ov/+", "$share/h/ov/+", "+/+");
        List<String> expected = identifiers.keySet().stream()
                .filter(filter -> TopicFilter.of(filter).matches(TopicName.of(topic)))
                .map(filter -> "deliver m to " + filter)
                .toList();

        matching(topic).forEach(identifier -> deliver(topic, List.of(identifier)));

        assertThat(machine.take()).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void oneCopyForAllCallsEachHandlerOnce() {
        subscribe("ov/#", "ov/+", "ov/1");

        deliver("ov/1", matching("ov/1"));

        assertThat(machine.take()).containsExactly("deliver m to ov/#+ov/++ov/1");
    }

    @Test
    void aSubscriptionWithAnIdentifierOfTheProgramsKeepsItAndIsToldFromTheOthers() {
        subscribe(Subscription.to("ov/+").identifier(7));
        subscribe("ov/#");
        assertThat(identifiers).containsEntry("ov/+", 7);

        deliver("ov/1", List.of(7));
        assertThat(machine.take()).containsExactly("deliver m to ov/+");
        assertThat(machine.inbound("m").message().subscriptionIdentifiers()).containsExactly(7);
        deliver("ov/1", List.of(identifiers.get("ov/#")));
        assertThat(machine.take()).containsExactly("deliver m to ov/#");
        assertThat(machine.inbound("m").message().subscriptionIdentifiers()).isEmpty();
    }

    @Test
    void identifiersThatAreNotKnownAreRoutedByTheFilters() {
        subscribe("ov/#", "ov/+");

        deliver("ov/1", List.of(12_345));

        assertThat(machine.take()).containsExactly("deliver m to ov/#+ov/+");
    }

    @Test
    void thousandsOfFiltersOfOneShapeShareTheirPackets() {
        Machine many = Machine.offline5(options -> {});
        for (int i = 0; i < 1_000; i++) {
            many.declare("device/" + i + "/#", 1, "h");
            many.declare("device/" + i + "/state", 1, "h");
        }
        many.connect(false);

        assertThat(many.packets()).hasSizeLessThan(1_000);
    }

    @Test
    void whereTheBrokerHasNoIdentifiersNoneIsSent() {
        Machine without = Machine.online5(Properties.NONE.with(Property.SUBSCRIPTION_IDENTIFIER_AVAILABLE, 0));
        without.subscribe("a", 1, "h");

        assertThat(without.effects.sink.subscribed.subscriptions().get(0).identifier())
                .isZero();
    }

    /** Of filters and topics at random: two that match the same topic never have the same identifier. */
    @Test
    void filtersThatOverlapHaveDifferentIdentifiers() {
        Random random = new Random(1);
        String[] levels = {"a", "b", "+", ""};
        for (int round = 0; round < 20_000; round++) {
            TopicFilter one = filter(random, levels);
            TopicFilter other = filter(random, levels);
            if (one.equals(other) || SubscriptionIds.of(one) != SubscriptionIds.of(other)) {
                continue;
            }
            TopicName topic = TopicName.of(one.toString().replace("+", "a").replace("#", "b") + "x");
            assertThat(one.matches(topic) && other.matches(topic))
                    .as("%s and %s", one, other)
                    .isFalse();
            TopicName exact =
                    TopicName.of("y" + one.toString().replace("+", "b").replace("#", "a"));
            assertThat(one.matches(exact) && other.matches(exact))
                    .as("%s and %s", one, other)
                    .isFalse();
            assertThat(one.toString().split("/", -1))
                    .hasSameSizeAs(other.toString().split("/", -1));
        }
    }

    private static TopicFilter filter(Random random, String[] levels) {
        List<String> made = new ArrayList<>();
        // At least one wildcard: filters without any match one topic each.
        made.add("+");
        for (int i = random.nextInt(4); i > 0; i--) {
            made.add(levels[random.nextInt(levels.length)]);
        }
        if (random.nextBoolean()) {
            made.add("#");
        }
        return TopicFilter.of(String.join("/", made));
    }
}
