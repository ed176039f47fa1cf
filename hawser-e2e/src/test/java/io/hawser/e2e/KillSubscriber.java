package io.hawser.e2e;

import io.hawser.client.Delivery;
import io.hawser.client.MqttSubscriber;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReconnectPolicy;
import io.hawser.store.file.FileSessionStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/**
 * A program that notes every number that comes, and may be killed at any moment. A handler's last deed is to note the number,
 * and whether the broker said that it had sent it before.
 */
final class KillSubscriber {
    static final String CLIENT_ID = "kill-subscriber";
    static final String STORE = "subscriber";
    static final String HANDLED = "handled";
    static final String END = "end";
    static final String DUPLICATE = "dup";

    private static final int SEGMENT_BYTES = 16 * 1024;

    private KillSubscriber() {}

    /** Arguments: directory, URL, version, receive maximum. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        KillPublisher.endWithParent();
        Path directory = Path.of(arguments[0]);
        Appending handled = new Appending(directory.resolve(HANDLED));
        MqttSubscriber subscriber = MqttSubscriber.builder(arguments[1])
                .clientId(CLIENT_ID)
                .version(ProtocolVersion.valueOf(arguments[2]))
                .receiveMaximum(Integer.parseInt(arguments[3]))
                .reconnect(ReconnectPolicy.exponential(Duration.ofMillis(20), Duration.ofMillis(100)))
                .session(FileSessionStore.at(directory.resolve(STORE)).segmentBytes(SEGMENT_BYTES), Duration.ofHours(1))
                .subscription(Numbered.TOPICS, delivery -> note(handled, delivery))
                .onEvent(KillSubscriber::tell)
                .build();
        subscriber.connectAsync();
        new CountDownLatch(1).await();
    }

    private static void note(Appending handled, Delivery delivery) {
        String topic = delivery.message().topic();
        boolean end = topic.contains(END);
        String what = end ? topic : Long.toString(Numbered.numberOf(delivery.message()));
        handled.line(what + " " + (delivery.duplicate() ? DUPLICATE : "new"));
    }

    private static void tell(ConnectionEvent event) {
        if (event instanceof ConnectionEvent.Ready) {
            System.out.println("ready");
        }
        KillPublisher.tellTrouble(event);
    }
}
