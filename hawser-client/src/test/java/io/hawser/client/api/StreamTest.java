package io.hawser.client.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.awaitility.Awaitility.await;

import io.hawser.client.Delivery;
import io.hawser.client.DeliveryStream;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.testing.BrokerExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class StreamTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    @RegisterExtension
    final BrokerExtension broker = new BrokerExtension();

    private MqttClient client;

    @BeforeEach
    void connects() {
        client = Variant.hasty(broker.url()).clientId("c").build();
        client.connect();
    }

    @AfterEach
    void closes() {
        client.close();
    }

    private DeliveryStream stream(String filter) {
        DeliveryStream stream = client.stream(Subscription.to(filter));
        await().until(() -> broker.server().subscriptions("c").stream()
                .anyMatch(subscription -> subscription.filter().toString().equals(filter)));
        return stream;
    }

    private void publish(String topic, int count) {
        for (int i = 0; i < count; i++) {
            broker.publish(Message.of(topic, Integer.toString(i)));
        }
    }

    @Test
    void isALoopOverMessagesThatEndsWithTheClient() throws Exception {
        DeliveryStream stream = stream("jobs/#");
        publish("jobs/1", 3);
        List<String> texts = new ArrayList<>();
        for (Delivery job : stream) {
            texts.add(job.text());
            job.ack();
            if (texts.size() == 3) {
                await().until(() -> broker.server().pending("c") == 0);
                client.close();
            }
        }
        assertThat(texts).containsExactly("0", "1", "2");
        assertThat(stream.take()).isNull();
        assertThat(stream.poll(LONG)).isNull();
        Iterator<Delivery> ended = stream.iterator();
        assertThat(ended.hasNext()).isFalse();
        assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(ended::next);
    }

    @Test
    void pollWaitsNoLongerThanItIsTold() throws Exception {
        DeliveryStream stream = stream("a");
        assertThat(stream.poll(Duration.ZERO)).isNull();
        assertThat(stream.poll(Duration.ofSeconds(-1))).isNull();
        assertThat(stream.poll(Duration.ofMillis(1))).isNull();
        publish("a", 2);
        assertThat(stream.poll(Duration.ofSeconds(Long.MAX_VALUE)).text()).isEqualTo("0");
        assertThat(stream.poll(LONG).text()).isEqualTo("1");
    }

    @Test
    void nothingIsAcknowledgedUntilTheProgramDoes() throws Exception {
        DeliveryStream stream = stream("a");
        publish("a", 2);
        Delivery first = stream.take();
        Delivery second = stream.take();
        client.publish(Message.of("b", "round trip"));
        assertThat(broker.server().pending("c")).isEqualTo(2);
        second.ack();
        first.ack();
        await().until(() -> broker.server().pending("c") == 0);
    }

    @Test
    void interruptEndsTheLoopAndStaysSet() throws Exception {
        DeliveryStream stream = stream("a");
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        Thread taker = new Thread(() -> {
            for (Delivery unexpected : stream) {
                interrupted.completeExceptionally(new AssertionError(unexpected));
            }
            interrupted.complete(Thread.currentThread().isInterrupted());
        });
        taker.start();
        taker.interrupt();
        assertThat(Variant.outcome(interrupted)).isTrue();
    }

    @Test
    void closingUnsubscribesAndEndsTheTaker() throws Exception {
        DeliveryStream stream = stream("a");
        CompletableFuture<@Nullable Delivery> taken = taking(stream);
        stream.close();
        stream.close();

        assertThat(Variant.outcome(taken)).isNull();
        await().until(() -> broker.server().subscriptions("c").isEmpty());
        assertThat(client.statistics().unacknowledged()).isZero();
    }

    private static CompletableFuture<@Nullable Delivery> taking(DeliveryStream stream) {
        CompletableFuture<@Nullable Delivery> taken = new CompletableFuture<>();
        Thread taker = new Thread(() -> {
            try {
                taken.complete(stream.take());
            } catch (Exception e) {
                taken.completeExceptionally(e);
            }
        });
        taker.start();
        return taken;
    }

    @Test
    void refusedSubscriptionEndsTheStreamWithTheReason() {
        broker.misbehave().refuseFilter("a");
        CompletableFuture<@Nullable Delivery> taken = taking(client.stream(Subscription.to("a")));

        assertThatExceptionOfType(RequestRejectedException.class)
                .isThrownBy(() -> Variant.outcome(taken))
                .withMessageContaining("SUBSCRIBE to 'a' was refused");
    }

    @Test
    void refusedResubscriptionEndsTheStreamWithTheReason() {
        CompletableFuture<@Nullable Delivery> taken = taking(stream("a"));
        broker.misbehave().refuseFilter("a");
        broker.server().restart(false);

        assertThatExceptionOfType(RequestRejectedException.class)
                .isThrownBy(() -> Variant.outcome(taken))
                .withMessageContaining("SUBSCRIBE to 'a' was refused");
    }

    @Test
    void handlerThatTakesOverTheFilterEndsTheStream() throws Exception {
        DeliveryStream stream = stream("a");
        CompletableFuture<@Nullable Delivery> taken = taking(stream);
        Inbox inbox = new Inbox();
        client.subscribe("a", inbox);
        assertThat(Variant.outcome(taken)).isNull();

        stream.close();
        client.publish(Message.of("b", "round trip"));
        broker.publish(Message.of("a", "1"));

        assertThat(inbox.next().text()).isEqualTo("1");
    }

    @Test
    void streamThatTakesOverTheFilterEndsTheOther() throws Exception {
        DeliveryStream first = stream("a");
        CompletableFuture<@Nullable Delivery> taken = taking(first);
        DeliveryStream second = client.stream(Subscription.to("a"));
        assertThat(Variant.outcome(taken)).isNull();
        first.close();
        client.publish(Message.of("b", "round trip"));
        publish("a", 1);
        assertThat(second.poll(LONG).text()).isEqualTo("0");
    }

    @Test
    void unsubscribingEndsTheStreamAfterWhatWaits() throws Exception {
        DeliveryStream stream = stream("a");
        publish("a", 1);
        await().until(() -> client.statistics().received() == 1);
        client.unsubscribe("a");
        assertThat(stream.take().text()).isEqualTo("0");
        assertThat(stream.take()).isNull();
    }

    /** What a slow handler holds up on its way to the stream has been delivered all the same. */
    @Test
    void unsubscribingEndsTheStreamAfterWhatIsOnItsWay() throws Exception {
        CountDownLatch slow = new CountDownLatch(1);
        client.subscribe("b", delivery -> slow.await());
        DeliveryStream stream = stream("a");
        publish("b", 1);
        publish("a", 2);
        await().until(() -> client.statistics().received() == 3);
        client.unsubscribe("a");
        slow.countDown();
        assertThat(stream.take().text()).isEqualTo("0");
        assertThat(stream.take().text()).isEqualTo("1");
        assertThat(stream.take()).isNull();
    }

    @Test
    void anotherStreamOfTheFilterGetsOnlyWhatComesLater() throws Exception {
        CountDownLatch slow = new CountDownLatch(1);
        client.subscribe("b", delivery -> slow.await());
        DeliveryStream first = stream("a");
        publish("b", 1);
        publish("a", 2);
        await().until(() -> client.statistics().received() == 3);
        DeliveryStream second = stream("a");
        client.subscribe("c", delivery -> {});
        slow.countDown();
        publish("a", 1);
        assertThat(first.take().text()).isEqualTo("0");
        assertThat(first.take().text()).isEqualTo("1");
        assertThat(first.take()).isNull();
        assertThat(second.take().text()).isEqualTo("0");
    }

    @Test
    void streamOfAClosedClientSaysSo() {
        client.close();
        DeliveryStream stream = client.stream(Subscription.to("a"));
        assertThatExceptionOfType(ClientClosedException.class).isThrownBy(stream::take);
    }

    @Test
    void handlerMayNotWaitForAStreamOfItsOwnClient() throws Exception {
        DeliveryStream stream = stream("a");
        BlockingQueue<Exception> failures = new LinkedBlockingQueue<>();
        client.subscribe("b", delivery -> {
            try {
                stream.take();
            } catch (IllegalStateException e) {
                failures.add(e);
            }
        });
        broker.publish(Message.of("b", "1"));
        assertThat(failures.poll(20, TimeUnit.SECONDS)).hasMessageContaining("handler cannot wait for a stream");
    }

    /** A subscriber that asks for what the test says. */
    private static class Probe implements Flow.Subscriber<Delivery> {
        final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
        final BlockingQueue<Delivery> received = new LinkedBlockingQueue<>();
        final CompletableFuture<@Nullable Throwable> end = new CompletableFuture<>();
        final List<String> signals = new ArrayList<>();

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            signals.add("onSubscribe");
            this.subscription.complete(subscription);
        }

        @Override
        public void onNext(Delivery delivery) {
            signals.add("onNext");
            received.add(delivery);
        }

        @Override
        public void onError(Throwable cause) {
            signals.add("onError");
            end.complete(cause);
        }

        @Override
        public void onComplete() {
            signals.add("onComplete");
            end.complete(null);
        }

        void request(long n) {
            Variant.outcome(subscription).request(n);
        }

        String next() throws InterruptedException {
            Delivery delivery = received.poll(20, TimeUnit.SECONDS);
            assertThat(delivery).isNotNull();
            delivery.ack();
            return delivery.text();
        }
    }

    @Test
    void publisherSendsNothingBeyondTheDemand() throws Exception {
        Probe probe = new Probe();
        stream("a").subscribe(probe);
        publish("a", 10);
        await().until(() -> client.statistics().received() == 10);
        client.publish(Message.of("b", "round trip"));
        assertThat(probe.received).isEmpty();

        probe.request(2);
        assertThat(probe.next()).isEqualTo("0");
        assertThat(probe.next()).isEqualTo("1");
        client.publish(Message.of("b", "round trip"));
        assertThat(probe.received).isEmpty();

        probe.request(Long.MAX_VALUE);
        probe.request(Long.MAX_VALUE);
        for (int i = 2; i < 10; i++) {
            assertThat(probe.next()).isEqualTo(Integer.toString(i));
        }
    }

    @Test
    void slowSubscriberSlowsDownTheBroker() throws Exception {
        try (MqttClient narrow = Variant.hasty(broker.url())
                .clientId("narrow")
                .receiveBuffer(1, 1)
                .build()) {
            narrow.connect();
            Probe probe = new Probe();
            narrow.stream(Subscription.to("a")).subscribe(probe);
            await().until(() -> !broker.server().subscriptions("narrow").isEmpty());
            for (int i = 0; i < 200; i++) {
                broker.publish(Message.of("a", new byte[60_000]).qos(Qos.AT_MOST_ONCE));
            }
            await().until(() -> narrow.statistics().received() > 0);
            await().during(Duration.ofMillis(200))
                    .until(() -> narrow.statistics().received() < 50);
            probe.request(Long.MAX_VALUE);
            await().until(() -> probe.received.size() == 200);
        }
    }

    @Test
    void secondSubscriberIsRefused() {
        DeliveryStream stream = stream("a");
        stream.subscribe(new Probe());
        Probe second = new Probe();
        stream.subscribe(second);

        assertThat(Variant.outcome(second.end))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has a subscriber already");
        assertThat(second.signals).containsExactly("onSubscribe", "onError");
        second.request(1);
        Variant.outcome(second.subscription).cancel();
        assertThat(broker.server().subscriptions("c")).isNotEmpty();
        assertThatNullPointerException().isThrownBy(() -> stream.subscribe(null));
    }

    @Test
    void cancellingUnsubscribesAndEndsTheSignals() throws Exception {
        Probe probe = new Probe();
        stream("a").subscribe(probe);
        publish("a", 3);
        probe.request(1);
        probe.next();

        Variant.outcome(probe.subscription).cancel();
        Variant.outcome(probe.subscription).cancel();
        probe.request(1);

        await().until(() -> broker.server().subscriptions("c").isEmpty());
        client.publish(Message.of("b", "round trip"));
        assertThat(probe.signals).containsExactly("onSubscribe", "onNext");
    }

    @Test
    void demandThatIsNotPositiveIsAnErrorAndCancels() {
        Probe probe = new Probe();
        stream("a").subscribe(probe);
        probe.request(0);

        assertThat(Variant.outcome(probe.end))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("request is 0, must be positive");
        await().until(() -> broker.server().subscriptions("c").isEmpty());
    }

    @Test
    void subscriberThatThrowsHasCancelled() {
        Probe probe = new Probe() {
            @Override
            public void onNext(Delivery delivery) {
                throw new AssertionError("a mistake");
            }
        };
        stream("a").subscribe(probe);
        probe.request(10);
        publish("a", 2);

        await().until(() -> broker.server().subscriptions("c").isEmpty());
        assertThat(probe.end).isNotDone();
    }

    @Test
    void subscriberHearsTheEnd() throws Exception {
        Probe probe = new Probe();
        stream("a").subscribe(probe);
        probe.request(1);
        client.close();
        assertThat(Variant.outcome(probe.end)).isNull();

        Probe late = new Probe();
        client.stream(Subscription.to("b")).subscribe(late);
        assertThat(Variant.outcome(late.end)).isInstanceOf(ClientClosedException.class);
        assertThat(late.signals).containsExactly("onSubscribe", "onError");
    }

    @Test
    void signalsNeverOverlap() throws Exception {
        CountDownLatch all = new CountDownLatch(2000);
        List<String> order = new ArrayList<>();
        Probe probe = new Probe() {
            @Override
            public void onNext(Delivery delivery) {
                order.add(delivery.text());
                delivery.ack();
                Variant.outcome(subscription).request(1);
                all.countDown();
            }
        };
        stream("a").subscribe(probe);
        probe.request(1);
        publish("a", 2000);

        assertThat(all.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(order).hasSize(2000).startsWith("0", "1", "2").endsWith("1998", "1999");
    }

    @Test
    void streamOnTheEventLoopWorks() throws Exception {
        try (MqttClient direct = Variant.hasty(broker.url())
                .clientId("direct")
                .handlerExecutor(Runnable::run)
                .build()) {
            direct.connect();
            Probe probe = new Probe();
            direct.stream(Subscription.to("a")).subscribe(probe);
            await().until(() -> !broker.server().subscriptions("direct").isEmpty());
            probe.request(1);
            publish("a", 2);
            assertThat(probe.next()).isEqualTo("0");
            probe.request(1);
            assertThat(probe.next()).isEqualTo("1");
        }
    }

    @Test
    void takingFromAnEmptyStreamOnAnEventLoopIsRefused() throws Exception {
        DeliveryStream stream = stream("a");
        BlockingQueue<Exception> failures = new LinkedBlockingQueue<>();
        try (MqttClient direct =
                Variant.hasty(broker.url()).handlerExecutor(Runnable::run).build()) {
            direct.connect();
            direct.subscribe("b", delivery -> {
                assertThat(stream.poll(Duration.ZERO)).isNull();
                try {
                    stream.take();
                } catch (IllegalStateException e) {
                    failures.add(e);
                }
            });
            broker.publish(Message.of("b", "1"));
            assertThat(failures.poll(20, TimeUnit.SECONDS)).hasMessageContaining("event loop");
        }
    }

    @Test
    void mayBeClosedBeforeAndAfterItsClientAndInEveryState() {
        for (int order = 0; order < 8; order++) {
            MqttClient client = Variant.hasty(broker.url()).build();
            if (order < 4) {
                client.connect();
            }
            DeliveryStream one = client.stream(Subscription.to("a/" + order));
            DeliveryStream two = client.stream(Subscription.to("b/" + order));
            if (order % 2 == 1) {
                one.close();
            }
            if (order % 4 > 1) {
                client.unsubscribeAsync(TopicFilter.of("b/" + order));
            }
            client.close();
            DeliveryStream late = client.stream(Subscription.to("c/" + order));
            assertThatCode(() -> {
                        one.close();
                        two.close();
                        two.close();
                        late.close();
                        client.stream(Subscription.to("d")).close();
                    })
                    .as("order %s", order)
                    .doesNotThrowAnyException();
            assertThatCode(client::close).doesNotThrowAnyException();
        }
    }
}
