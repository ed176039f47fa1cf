package io.hawser.benchmarks;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.message.publish.Mqtt3Publish;
import com.hivemq.client.mqtt.mqtt3.message.subscribe.Mqtt3Subscribe;
import io.reactivex.Flowable;
import io.reactivex.disposables.Disposable;
import io.reactivex.schedulers.Schedulers;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The HiveMQ client: its asynchronous form with a future per message, or its reactive form with one flow of all messages. */
final class HiveMqContestant implements Contestant {
    private final Course course;
    private final boolean reactive;
    private final Mqtt3AsyncClient client;
    private final Mqtt3Publish message;
    private @Nullable BiConsumer<@Nullable Mqtt3Publish, @Nullable Throwable> settled;

    HiveMqContestant(Course course, boolean reactive) {
        this.course = course;
        this.reactive = reactive;
        this.client = MqttClient.builder()
                .useMqttVersion3()
                .serverHost("127.0.0.1")
                .serverPort(course.port())
                .buildAsync();
        this.message = Mqtt3Publish.builder()
                .topic(Course.TOPIC)
                .qos(qos())
                .payload(course.payload())
                .build();
    }

    private MqttQos qos() {
        return Objects.requireNonNull(MqttQos.fromCode(course.qos()));
    }

    @Override
    public void connect() {
        client.connect().join();
    }

    @Override
    public void publishOne(Gate gate) {
        BiConsumer<@Nullable Mqtt3Publish, @Nullable Throwable> action = settled;
        if (action == null) {
            action = settled = (result, error) -> {
                if (error != null && !gate.isStopped()) {
                    gate.fail(error);
                }
                gate.leave();
            };
        }
        CompletableFuture<Mqtt3Publish> unused = client.publish(message).whenComplete(action);
    }

    @Override
    public void publish(Gate gate) throws Exception {
        if (!reactive) {
            Contestant.super.publish(gate);
            return;
        }
        CountDownLatch ended = new CountDownLatch(1);
        Flowable<Mqtt3Publish> messages = Flowable.generate(emitter -> {
            if (gate.enter()) {
                emitter.onNext(message);
            } else {
                emitter.onComplete();
            }
        });
        Disposable unused = client.toRx()
                .publish(messages.subscribeOn(Schedulers.io()))
                .doFinally(ended::countDown)
                .subscribe(result -> gate.leaveInTurn(1), gate::fail);
        ended.await();
    }

    @Override
    public void subscribe(String filter, Gate gate) {
        Mqtt3Subscribe subscription =
                Mqtt3Subscribe.builder().topicFilter(filter).qos(qos()).build();
        if (reactive) {
            Disposable unused = client.toRx()
                    .subscribePublishes(subscription)
                    .subscribe(message -> gate.leaveInTurn(1), gate::fail);
        } else {
            client.subscribe(subscription, message -> gate.leaveInTurn(1)).join();
        }
    }

    @Override
    public void close() {
        client.disconnect().join();
    }
}
