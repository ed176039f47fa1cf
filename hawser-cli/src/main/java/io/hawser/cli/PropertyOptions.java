package io.hawser.cli;

import io.hawser.client.MqttBuilder;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.Will;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.Stack;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code -D COMMAND NAME VALUE}: the properties of MQTT 5.0 that {@code pub} and {@code sub} send. */
final class PropertyOptions {
    static final long UNSIGNED_INT = 0xFFFF_FFFFL;

    private static final String USER_PROPERTY = "user-property";
    private static final Set<String> OF_MESSAGE = Set.of(
            "content-type",
            "correlation-data",
            "message-expiry-interval",
            "payload-format-indicator",
            "response-topic",
            USER_PROPERTY);
    private static final Map<String, Set<String>> TAKEN = Map.of(
            "connect",
            Set.of(
                    "maximum-packet-size",
                    "receive-maximum",
                    "session-expiry-interval",
                    "topic-alias-maximum",
                    USER_PROPERTY),
            "publish",
            OF_MESSAGE,
            "will",
            OF_MESSAGE,
            "subscribe",
            Set.of("subscription-identifier"));
    /** In the standard and in mosquitto's tools, but not here. */
    private static final Map<String, String> NOT_TAKEN = Map.of(
            "publish topic-alias",
            "the client chooses topic aliases itself",
            "subscribe " + USER_PROPERTY,
            "subscriptions have no user properties here",
            "unsubscribe " + USER_PROPERTY,
            "unsubscribing has no user properties here",
            "disconnect " + USER_PROPERTY,
            "DISCONNECT has no user properties here",
            "disconnect session-expiry-interval",
            "the session expiry is given with -x",
            "connect authentication-method",
            "enhanced authentication is not supported yet",
            "connect authentication-data",
            "enhanced authentication is not supported yet",
            "connect request-problem-information",
            "the client always asks for it",
            "connect request-response-information",
            "the client always asks for it");

    /** One use of the option; {@code key} is empty unless it is a user property. */
    record Given(String command, String name, String key, String value) {
        boolean is(String command) {
            return this.command.equals(command);
        }
    }

    @Option(
            names = {"-D", "--property"},
            paramLabel = "COMMAND NAME [KEY] VALUE",
            arity = "1",
            parameterConsumer = Words.class,
            description = "Send a property of MQTT 5.0, and MQTT 5.0 only. COMMAND: connect, publish, will, subscribe."
                    + " user-property has KEY and VALUE. May be repeated.")
    List<Given> given = new ArrayList<>();

    boolean isEmpty() {
        return given.isEmpty();
    }

    boolean has(String command) {
        return given.stream().anyMatch(property -> property.is(command));
    }

    boolean has(String command, String name) {
        return given.stream()
                .anyMatch(property -> property.is(command) && property.name().equals(name));
    }

    /** The message with what was given for {@code command}, which is {@code publish} or {@code will}. */
    Message on(String command, Message plain) {
        Message message = plain;
        for (Given property : given) {
            if (property.is(command)) {
                message = on(message, property);
            }
        }
        return message;
    }

    private static Message on(Message message, Given property) {
        String value = property.value();
        return switch (property.name()) {
            case "content-type" -> message.contentType(value);
            case "correlation-data" -> message.correlationData(value.getBytes(StandardCharsets.UTF_8));
            case "message-expiry-interval" -> message.expiry(Duration.ofSeconds(number(property, 0, UNSIGNED_INT)));
            case "payload-format-indicator" -> message.utf8(number(property, 0, 1) == 1);
            case "response-topic" -> message.responseTopic(value);
            case USER_PROPERTY -> message.userProperty(property.key(), value);
            default -> message;
        };
    }

    Will on(Will plain) {
        Will will = new Will(on("will", plain.message()), plain.delay());
        for (Given property : given) {
            if (property.is("will") && property.name().equals("will-delay-interval")) {
                will = will.delay(Duration.ofSeconds(number(property, 0, UNSIGNED_INT)));
            }
        }
        return will;
    }

    Subscription on(Subscription plain) {
        Subscription subscription = plain;
        for (Given property : given) {
            if (property.is("subscribe")) {
                subscription = subscription.identifier((int) number(property, 1, Subscription.MAXIMUM_IDENTIFIER));
            }
        }
        return subscription;
    }

    /** Gives the builder what was given for CONNECT, except the session expiry. */
    void applyTo(MqttBuilder<?, ?> builder) {
        for (Given property : given) {
            if (property.is("connect")) {
                switch (property.name()) {
                    case "maximum-packet-size" ->
                        builder.maximumPacketSize((int) number(property, 1, Integer.MAX_VALUE));
                    case "receive-maximum" -> builder.receiveMaximum((int) number(property, 1, 65_535));
                    case "topic-alias-maximum" -> builder.topicAliasMaximum((int) number(property, 0, 65_535));
                    case USER_PROPERTY -> builder.userProperty(property.key(), property.value());
                    default -> {}
                }
            }
        }
    }

    /** The session expiry given for CONNECT in seconds, or null. */
    @Nullable
    Long sessionExpiry() {
        Long seconds = null;
        for (Given property : given) {
            if (property.is("connect") && property.name().equals("session-expiry-interval")) {
                seconds = number(property, 0, UNSIGNED_INT);
            }
        }
        return seconds;
    }

    private static long number(Given property, long least, long most) {
        String value = property.value();
        long number = value.matches("[0-9]{1,10}") ? Long.parseLong(value) : -1;
        if (number < least || number > most) {
            throw new IllegalArgumentException(
                    property.name() + " is '" + value + "', must be " + least + " to " + most);
        }
        return number;
    }

    /** Takes three words, or four if the property is a user property. */
    static final class Words implements IParameterConsumer {
        @Override
        @SuppressWarnings("JdkObsolete") // picocli's signature
        public void consumeParameters(Stack<String> words, ArgSpec option, CommandSpec command) {
            try {
                String packet = next(words).toLowerCase(Locale.ROOT);
                String name = next(words).toLowerCase(Locale.ROOT);
                check(packet, name);
                String key = name.equals(USER_PROPERTY) ? next(words) : "";
                Given property = new Given(packet, name, key, next(words));
                List<Given> all = new ArrayList<>(option.<List<Given>>getValue());
                all.add(property);
                option.setValue(all);
            } catch (IllegalArgumentException e) {
                throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
            }
        }

        private static String next(Stack<String> words) {
            if (words.isEmpty()) {
                throw new IllegalArgumentException("--property argument given but not enough arguments specified.");
            }
            return words.pop();
        }

        private static void check(String packet, String name) {
            String known = NOT_TAKEN.get(packet + " " + name);
            if (known != null) {
                throw new IllegalArgumentException("-D " + packet + " " + name + " is not supported: " + known + ".");
            }
            Set<String> names = TAKEN.get(packet);
            if (names == null) {
                throw new IllegalArgumentException("Invalid command '" + packet
                        + "' given in --property argument, must be connect, publish, will or subscribe.");
            }
            if (!names.contains(name) && !(packet.equals("will") && name.equals("will-delay-interval"))) {
                throw new IllegalArgumentException("Property '" + name + "' not allowed for " + packet
                        + " in --property argument, must be one of "
                        + String.join(", ", names.stream().sorted().toList())
                        + (packet.equals("will") ? ", will-delay-interval." : "."));
            }
        }
    }
}
