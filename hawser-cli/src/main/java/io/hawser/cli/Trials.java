package io.hawser.cli;

import io.hawser.client.Delivery;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.ConnectResult.Negotiated;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.SubscribeResult;
import io.hawser.mqtt.Subscription;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a doctor tries on a connection, and what comes of it. */
final class Trials {
    private static final int IDENTIFIER = 7;
    private static final String OVERLAP = "overlapTried";

    private final Supplier<MqttClient> connecting;
    private final Negotiated granted;
    private final ProtocolVersion version;
    private final int timeoutSeconds;
    private final List<String> quirks;
    private final Map<String, String> findings = new LinkedHashMap<>();
    private int copiesSeen;
    private final String base = "hawser-doctor/"
            + String.format(Locale.ROOT, "%012x", ThreadLocalRandom.current().nextLong(1L << 48));

    Trials(
            Supplier<MqttClient> connecting,
            Negotiated granted,
            ProtocolVersion version,
            int timeoutSeconds,
            List<String> quirks) {
        this.connecting = connecting;
        this.granted = granted;
        this.version = version;
        this.timeoutSeconds = timeoutSeconds;
        this.quirks = quirks;
    }

    Map<String, String> all() {
        for (Qos qos : Qos.values()) {
            roundTrip("qos" + qos.level(), qos);
        }
        trial("wildcardTried", granted.wildcardSubscriptions(), this::wildcard);
        trial("sharedTried", granted.sharedSubscriptions(), this::shared);
        trial("retainTried", granted.retainAvailable(), this::retain);
        if (version == ProtocolVersion.MQTT_5) {
            trial("identifierTried", granted.subscriptionIdentifiers(), this::identifier);
        }
        overlap();
        return findings;
    }

    /** Returns what went wrong, or null. */
    @FunctionalInterface
    private interface Trial {
        @Nullable
        String failure(MqttClient client) throws InterruptedException;
    }

    /**
     * Each trial has a connection of its own, since a broker may end it. Only one that promised, or did not deny, can be found
     * to fail.
     */
    private void trial(String name, boolean promised, Trial trial) {
        String failure;
        try (MqttClient client = connecting.get()) {
            failure = trial.failure(client);
        } catch (MqttException e) {
            failure = Doctor.reason(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failure = "interrupted";
        }
        findings.put(name, failure == null ? "works" : "no");
        if (failure != null && promised) {
            quirks.add(name + ": " + failure);
        }
    }

    private void roundTrip(String name, Qos qos) {
        boolean promised = qos.level() <= granted.maximumQos().level();
        trial(name, promised, client -> {
            BlockingQueue<Delivery> received = new LinkedBlockingQueue<>();
            SubscribeResult result = client.subscribe(to(name).qos(qos), received::add);
            if (result.granted() != qos) {
                quirks.add("a subscription at QoS " + qos.level() + " was granted QoS "
                        + result.granted().level());
            }
            client.publish(message(name).qos(qos));
            Delivery delivery = next(received);
            if (delivery == null) {
                return nothingCame();
            }
            Qos expected = result.granted().level() < qos.level() ? result.granted() : qos;
            if (delivery.qos() != expected) {
                quirks.add("published at QoS " + qos.level() + " and granted QoS "
                        + result.granted().level() + ", a message came at QoS "
                        + delivery.qos().level());
            }
            return null;
        });
    }

    /** How often a message comes that two subscriptions want: both is allowed [MQTT-3.3.4-2], once and once for each. */
    private void overlap() {
        trial(OVERLAP, true, client -> {
            Set<Message> copies = Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));
            BlockingQueue<Delivery> ended = new LinkedBlockingQueue<>();
            client.subscribe(to("overlap/+"), delivery -> copies.add(delivery.message()));
            client.subscribe(to("overlap/#"), delivery -> copies.add(delivery.message()));
            client.subscribe(to("end"), ended::add);
            client.publish(message("overlap/a"));
            client.publish(message("end"));
            if (next(ended) == null || copies.isEmpty()) {
                return nothingCame();
            }
            copiesSeen = copies.size();
            return null;
        });
        if (copiesSeen > 0) {
            findings.put(OVERLAP, copiesSeen == 1 ? "1 copy" : copiesSeen + " copies");
        }
    }

    private @Nullable String wildcard(MqttClient client) throws InterruptedException {
        return arrives(client, Subscription.to(base + "/+/wild/#"), message("a/wild/b")) == null ? nothingCame() : null;
    }

    private @Nullable String shared(MqttClient client) throws InterruptedException {
        Subscription shared = Subscription.to("$share/hawser-doctor/" + base + "/shared");
        return arrives(client, shared, message("shared")) == null ? nothingCame() : null;
    }

    private @Nullable String retain(MqttClient client) throws InterruptedException {
        Message kept = message("kept").retain(true);
        client.publish(kept);
        try {
            BlockingQueue<Delivery> received = new LinkedBlockingQueue<>();
            client.subscribe(to("kept"), received::add);
            Delivery delivery = next(received);
            if (delivery == null) {
                return nothingCame();
            }
            return delivery.retain() ? null : "the message came without its retain flag [MQTT-3.3.1-8]";
        } finally {
            client.publish(Message.of(kept.topicName(), new byte[0], Qos.AT_LEAST_ONCE, true));
        }
    }

    private @Nullable String identifier(MqttClient client) throws InterruptedException {
        Delivery delivery = arrives(client, to("identified").identifier(IDENTIFIER), message("identified"));
        if (delivery == null) {
            return nothingCame();
        }
        List<Integer> identifiers = delivery.message().subscriptionIdentifiers();
        return identifiers.equals(List.of(IDENTIFIER))
                ? null
                : "a message came with the identifiers " + identifiers + ", must be [" + IDENTIFIER + "]";
    }

    private @Nullable Delivery arrives(MqttClient client, Subscription subscription, Message message)
            throws InterruptedException {
        BlockingQueue<Delivery> received = new LinkedBlockingQueue<>();
        client.subscribe(subscription, received::add);
        client.publish(message);
        return next(received);
    }

    private @Nullable Delivery next(BlockingQueue<Delivery> received) throws InterruptedException {
        return received.poll(timeoutSeconds, TimeUnit.SECONDS);
    }

    private String nothingCame() {
        return "nothing came within " + timeoutSeconds + " s";
    }

    private Subscription to(String name) {
        return Subscription.to(base + "/" + name);
    }

    private Message message(String name) {
        Qos qos = granted.maximumQos().level() > 0 ? Qos.AT_LEAST_ONCE : Qos.AT_MOST_ONCE;
        return Message.of(base + "/" + name, "x").qos(qos);
    }
}
