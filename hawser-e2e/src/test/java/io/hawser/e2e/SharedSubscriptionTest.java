package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hawser.client.MqttClient;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Qos;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Three processes share a subscription on Mosquitto. */
@Tag("slow")
class SharedSubscriptionTest {
    private static final int MESSAGES = 30_000;
    private static final int INFLIGHT = 100;
    private static final String END = "end";

    private final Clients clients = new Clients();
    private final List<HawserProcess> members = new ArrayList<>();
    private final Mosquitto broker = Mosquitto.options()
            .line("max_inflight_messages " + INFLIGHT)
            .line("max_queued_messages 100000")
            .line("set_tcp_nodelay true")
            .start();

    @AfterEach
    void closeAll() {
        clients.close();
        members.forEach(HawserProcess::close);
        broker.close();
    }

    /** A member of the group; the message on the other topic comes to each of them, behind all that was published before. */
    private HawserProcess member(String... options) {
        List<String> arguments = new ArrayList<>(List.of("sub", "-L", broker.url() + "/" + END, "-V", "mqttv5", "-d"));
        arguments.addAll(List.of("-t", "$share/g/load", "-q", "1"));
        arguments.addAll(List.of(options));
        HawserProcess member = HawserProcess.hawser(arguments.toArray(new String[0]));
        members.add(member);
        return member;
    }

    private static void publish(MqttClient publisher, int from, int to) throws Exception {
        List<CompletableFuture<PublishResult>> results = new ArrayList<>();
        for (int i = from; i < to; i++) {
            results.add(publisher.publishAsync(
                    Message.of("load", Integer.toString(i)).qos(Qos.AT_LEAST_ONCE)));
        }
        CompletableFuture.allOf(results.toArray(new CompletableFuture<?>[0])).get(20, TimeUnit.SECONDS);
    }

    private void awaitPrinted(int count) {
        await().atMost(HawserProcess.LONG_ENOUGH)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> members.stream()
                                .mapToInt(member -> member.lines().size())
                                .sum()
                        == count);
    }

    /** What each of these was given up to the end. */
    private static List<List<String>> sharesOf(MqttClient publisher, HawserProcess... members) {
        publisher.publish(Message.of(END, END).qos(Qos.AT_LEAST_ONCE));
        List<List<String>> shares = new ArrayList<>();
        for (HawserProcess member : members) {
            member.awaitLine(END);
            List<String> lines = member.lines();
            assertThat(lines).endsWith(END);
            shares.add(lines.subList(0, lines.size() - 1));
        }
        return shares;
    }

    private static Set<String> numbers(int to) {
        return IntStream.range(0, to).mapToObj(Integer::toString).collect(Collectors.toSet());
    }

    @Test
    void threeProcessesDivideTheMessagesAndEachIsDeliveredOnce() throws Exception {
        HawserProcess[] three = {member("-i", "a"), member("-i", "b"), member("-i", "c")};
        Arrays.stream(three).forEach(member -> member.awaitError("Ready"));
        MqttClient publisher = clients.connect(clients.options(broker.url()).sendWindow(INFLIGHT));
        publish(publisher, 0, MESSAGES);
        List<List<String>> shares = sharesOf(publisher, three);
        assertThat(shares).allSatisfy(share -> assertThat(share).hasSizeGreaterThan(MESSAGES / 6));
        List<String> all = shares.stream().flatMap(List::stream).toList();
        assertThat(all).hasSize(MESSAGES);
        assertThat(new HashSet<>(all)).isEqualTo(numbers(MESSAGES));
        assertThat(three).allSatisfy(member -> assertThat(member.terminate()).isZero());
    }

    /**
     * The killed member was stopped before, so that messages which it had not acknowledged were in flight to it. What becomes
     * of them is up to the broker: Mosquitto 2.0 gives them to no other member. It keeps them, and the member's share of what
     * comes meanwhile, until the member is back, and drops both with the member's session; hence sessions that outlive a
     * connection.
     *
     * <p>Before the stop, each round of messages is awaited at the members, so that the broker queues nothing: with a queue,
     * each PUBACK makes Mosquitto 2.0 send up to {@code max_inflight_messages} more whatever is in flight already, and there
     * would be no limit on what a member can have printed and not acknowledged.
     */
    @Test
    void losesNothingWhenOneOfThreeProcessesIsKilledAndComesBack() throws Exception {
        String[] kept = {"-c", "-x", "3600", "-i"};
        HawserProcess first = member(with(kept, "a"));
        HawserProcess second = member(with(kept, "b"));
        HawserProcess killed = member(with(kept, "c"));
        members.forEach(member -> member.awaitError("Ready"));
        MqttClient publisher = clients.connect(clients.options(broker.url()).sendWindow(INFLIGHT));
        publish(publisher, 0, MESSAGES / 4);
        awaitPrinted(MESSAGES / 4);
        for (int at = MESSAGES / 4; at < MESSAGES / 3; at += INFLIGHT) {
            publish(publisher, at, at + INFLIGHT);
            awaitPrinted(at + INFLIGHT);
        }
        killed.pause();
        publish(publisher, MESSAGES / 3, 2 * MESSAGES / 3);
        killed.kill();
        assertThat(killed.awaitExit()).isEqualTo(128 + 9);
        publish(publisher, 2 * MESSAGES / 3, MESSAGES);
        HawserProcess back = member(with(kept, "c"));
        List<List<String>> shares = sharesOf(publisher, first, second, back);

        List<String> printedByKilled = killed.lines();
        List<String> all = Stream.concat(shares.stream().flatMap(List::stream), printedByKilled.stream())
                .toList();
        assertThat(new HashSet<>(all)).isEqualTo(numbers(MESSAGES));
        Set<String> again = duplicates(all);
        assertThat(again).hasSizeLessThanOrEqualTo(INFLIGHT);
        assertThat(printedByKilled.subList(printedByKilled.size() - again.size(), printedByKilled.size()))
                .as("acknowledged in order, so only what was printed last comes again")
                .hasSameElementsAs(again);
        assertThat(shares.get(2)).containsAll(again);
    }

    private static String[] with(String[] options, String last) {
        return Stream.concat(Arrays.stream(options), Stream.of(last)).toArray(String[]::new);
    }

    private static Set<String> duplicates(List<String> texts) {
        Set<String> seen = new HashSet<>();
        Set<String> duplicates = new HashSet<>();
        for (String text : texts) {
            if (!seen.add(text)) {
                duplicates.add(text);
            }
        }
        return duplicates;
    }
}
