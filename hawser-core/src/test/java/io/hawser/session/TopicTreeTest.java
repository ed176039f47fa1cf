package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.TopicName;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TopicTreeTest {
    private static final String[] LEVELS = {"a", "b", "", "$x", "ab"};

    private final TopicTree tree = new TopicTree();

    private void put(String... filters) {
        for (String filter : filters) {
            tree.put(TopicFilter.of(filter), filter);
        }
    }

    private Object[] match(String topic) {
        return tree.match(TopicName.of(topic));
    }

    @Test
    void findsWhatTheFiltersMatch() {
        SplittableRandom random = new SplittableRandom(1);
        Map<TopicFilter, String> model = new HashMap<>();
        for (int step = 0; step < 20_000; step++) {
            TopicFilter filter = TopicFilter.of(randomFilter(random));
            if (random.nextInt(3) > 0 && model.size() < 40) {
                String value = filter + " " + step;
                tree.put(filter, value);
                model.put(filter, value);
            } else {
                tree.remove(filter);
                model.remove(filter);
            }
            TopicName topic = TopicName.of(nonEmpty(randomTopic(random)));
            assertThat(tree.match(topic))
                    .as("topic '%s' among %s", topic, model.keySet())
                    .containsExactlyInAnyOrder(model.entrySet().stream()
                            .filter(entry -> entry.getKey().matches(topic))
                            .map(Map.Entry::getValue)
                            .toArray());
        }
    }

    private static String nonEmpty(String topic) {
        return topic.isEmpty() ? "a" : topic;
    }

    private static String randomTopic(SplittableRandom random) {
        StringBuilder topic = new StringBuilder(LEVELS[random.nextInt(LEVELS.length)]);
        for (int i = random.nextInt(4); i > 0; i--) {
            topic.append('/').append(LEVELS[random.nextInt(LEVELS.length)]);
        }
        return topic.toString();
    }

    private static String randomFilter(SplittableRandom random) {
        String[] levels = randomTopic(random).split("/", -1);
        for (int i = 0; i < levels.length; i++) {
            if (random.nextInt(4) == 0) {
                levels[i] = "+";
            }
        }
        if (random.nextInt(4) == 0) {
            levels[levels.length - 1] = "#";
        }
        String filter = nonEmpty(String.join("/", levels));
        return random.nextInt(5) == 0 ? "$share/g" + random.nextInt(2) + "/" + filter : filter;
    }

    @Test
    void remembersWhatItFoundOnlyUntilItChanges() {
        put("a", "+");
        assertThat(match("a")).containsExactlyInAnyOrder("a", "+");
        assertThat(match("a")).isSameAs(match("a"));

        put("#");
        assertThat(match("a")).containsExactlyInAnyOrder("a", "+", "#");

        tree.remove(TopicFilter.of("a"));
        assertThat(match("a")).containsExactlyInAnyOrder("+", "#");
    }

    @Test
    void findsWhatMatchesAmongMoreNamesThanItRemembers() {
        put("t/+", "t/7", "#");
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 20_000; i++) {
                Object[] expected = i == 7 ? new Object[] {"t/+", "t/7", "#"} : new Object[] {"t/+", "#"};
                assertThat(match("t/" + i)).containsExactlyInAnyOrder(expected);
            }
            assertThat(match("u")).containsExactly("#");
        }
    }

    @Test
    void theSamePatternInAnotherShareGroupHasItsOwnValue() {
        put("a", "$share/g/a", "$share/h/a");
        tree.remove(TopicFilter.of("$share/g/a"));

        assertThat(match("a")).containsExactlyInAnyOrder("a", "$share/h/a");
    }

    @Test
    void removingWhatIsNotThereChangesNothing() {
        put("a/b");
        tree.remove(TopicFilter.of("a"));
        tree.remove(TopicFilter.of("a/b/c"));
        tree.remove(TopicFilter.of("x/y"));

        assertThat(match("a/b")).containsExactly("a/b");
    }

    @Test
    void takesFiltersAndNamesOfAsManyLevelsAsTheProtocolAllows() {
        String deep = "/".repeat(65_535);
        put(deep, "+" + "/+".repeat(32_767), "#");

        assertThat(match(deep)).containsExactlyInAnyOrder(deep, "#");
        tree.remove(TopicFilter.of(deep));
        assertThat(match(deep)).containsExactly("#");
    }

    @Test
    void manyWildcardsDoNotMakeTheSearchExplode() {
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < 2_000; i++) {
            StringBuilder filter = new StringBuilder(random.nextBoolean() ? "a" : "+");
            for (int level = 1; level < 16; level++) {
                filter.append(random.nextBoolean() ? "/a" : "/+");
            }
            put(filter.toString());
        }

        assertThat(match("a" + "/a".repeat(15))).hasSizeGreaterThan(1_900);
    }
}
