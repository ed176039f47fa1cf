package io.hawser.bridge;

import io.hawser.mqtt.Qos;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.TopicName;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A rule of a bridge: which topics pass, in which direction, and what they are called on the other side. As in Mosquitto's
 * configuration, a topic is a prefix of its side and a rest that is the same on both sides.
 *
 * @param pattern a topic filter for what stands behind the prefixes; it cannot be a shared subscription
 * @param direction which way messages go
 * @param qos the highest QoS at which they come and go on (default: 2)
 * @param localPrefix what topics begin with at the local broker; empty for nothing (default)
 * @param remotePrefix what topics begin with at the remote broker; empty for nothing (default)
 */
public record BridgeRule(String pattern, Direction direction, Qos qos, String localPrefix, String remotePrefix) {
    /** Which way messages go. */
    public enum Direction {
        /** From the local broker to the remote one. */
        OUT,
        /** From the remote broker to the local one. */
        IN,
        /** Both ways. */
        BOTH
    }

    /** @throws IllegalArgumentException if a prefix and the pattern together are no topic filter, or prefixes have wildcards */
    public BridgeRule {
        Objects.requireNonNull(direction, "direction");
        Objects.requireNonNull(qos, "qos");
        for (String prefix : new String[] {localPrefix, remotePrefix}) {
            if (prefix.indexOf('+') >= 0 || prefix.indexOf('#') >= 0) {
                throw new IllegalArgumentException("The prefix '" + prefix + "' has a wildcard");
            }
            if (TopicFilter.of(prefix + pattern).isShared()) {
                throw new IllegalArgumentException(
                        "A bridge cannot share the subscription '" + prefix + pattern + "' with others");
            }
        }
    }

    /** A rule for messages that go to the remote broker, at any QoS and under the same topics. */
    public static BridgeRule out(String pattern) {
        return new BridgeRule(pattern, Direction.OUT, Qos.EXACTLY_ONCE, "", "");
    }

    /** A rule for messages that come from the remote broker, at any QoS and under the same topics. */
    public static BridgeRule in(String pattern) {
        return new BridgeRule(pattern, Direction.IN, Qos.EXACTLY_ONCE, "", "");
    }

    /** A rule for messages in both directions, at any QoS and under the same topics. */
    public static BridgeRule both(String pattern) {
        return new BridgeRule(pattern, Direction.BOTH, Qos.EXACTLY_ONCE, "", "");
    }

    /**
     * The rule that a line of Mosquitto's configuration stands for, without its first word: {@code pattern [out|in|both [qos
     * [local-prefix [remote-prefix]]]]}; {@code ""} stands for an empty prefix. As there, the direction is {@code out} and the QoS
     * 0 unless given.
     *
     * @throws IllegalArgumentException if it is no such line
     */
    public static BridgeRule parse(String line) {
        String[] words = line.strip().split("\\s+");
        if (words[0].isEmpty() || words.length > 5) {
            throw new IllegalArgumentException(
                    "A rule must be: pattern [out|in|both [qos [local-prefix [remote-prefix]]]]");
        }
        Direction direction = words.length < 2 ? Direction.OUT : direction(words[1]);
        Qos qos = words.length < 3 ? Qos.AT_MOST_ONCE : qos(words[2]);
        return new BridgeRule(words[0], direction, qos, prefix(words, 3), prefix(words, 4));
    }

    private static Direction direction(String word) {
        return switch (word) {
            case "out" -> Direction.OUT;
            case "in" -> Direction.IN;
            case "both" -> Direction.BOTH;
            default -> throw new IllegalArgumentException("The direction of a rule must be out, in or both");
        };
    }

    private static Qos qos(String word) {
        if (!word.matches("[012]")) {
            throw new IllegalArgumentException("The QoS of a rule must be 0, 1 or 2");
        }
        return Qos.of(Integer.parseInt(word));
    }

    private static String prefix(String[] words, int index) {
        return words.length <= index || words[index].equals("\"\"") ? "" : words[index];
    }

    /** This rule with another highest QoS. */
    public BridgeRule qos(Qos qos) {
        return new BridgeRule(pattern, direction, qos, localPrefix, remotePrefix);
    }

    /** This rule with other prefixes. */
    public BridgeRule prefixes(String localPrefix, String remotePrefix) {
        return new BridgeRule(pattern, direction, qos, localPrefix, remotePrefix);
    }

    boolean goes(Direction way) {
        return direction == way || direction == Direction.BOTH;
    }

    /** The filter that a bridge subscribes to where messages of this rule come from. */
    TopicFilter source(Direction way) {
        return TopicFilter.of((way == Direction.OUT ? localPrefix : remotePrefix) + pattern);
    }

    /** The name of a topic on the other side; null if this rule is not for it. */
    @Nullable
    TopicName mapped(TopicName topic, Direction way) {
        if (!source(way).matches(topic)) {
            return null;
        }
        String from = way == Direction.OUT ? localPrefix : remotePrefix;
        String to = way == Direction.OUT ? remotePrefix : localPrefix;
        return from.equals(to) ? topic : TopicName.of(to + topic.toString().substring(from.length()));
    }
}
