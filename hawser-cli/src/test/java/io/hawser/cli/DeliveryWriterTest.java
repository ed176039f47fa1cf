package io.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.client.Delivery;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.UserProperty;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class DeliveryWriterTest {
    private final List<String> events = new CopyOnWriteArrayList<>();

    @Test
    void acknowledgesInOrderAndOnlyWhatIsOut() throws InterruptedException {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        OutputStream out = new OutputStream() {
            @Override
            public void write(int b) {
                printed.write(b);
            }

            @Override
            public void flush() {
                events.add("flush " + printed);
            }
        };
        DeliveryWriter writer = new DeliveryWriter(out, MessageFormat.payload());
        writer.write(new Fake("a", Qos.AT_LEAST_ONCE));
        writer.write(new Fake("b", Qos.AT_MOST_ONCE));
        writer.write(new Fake("c", Qos.EXACTLY_ONCE));
        writer.start().close();

        assertThat(events).containsExactly("defer a", "defer c", "flush abc", "ack a", "ack c");
    }

    @Test
    void saysSoWhenNobodyReadsAndAcknowledgesNothing() throws Exception {
        OutputStream closed = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        CompletableFuture<Void> failed = new CompletableFuture<>();
        try (DeliveryWriter writer = new DeliveryWriter(closed, MessageFormat.payload())) {
            writer.onFailure(() -> failed.complete(null));
            writer.start().write(new Fake("a", Qos.AT_LEAST_ONCE));

            failed.get(10, TimeUnit.SECONDS);
        }
        assertThat(events).containsExactly("defer a");
    }

    @Test
    void printsPayloadsOfAnySize() throws InterruptedException {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        String large = "x".repeat(3_000_000);
        try (DeliveryWriter writer =
                new DeliveryWriter(printed, MessageFormat.verbose().withNewLine()).start()) {
            writer.write(new Fake(large, Qos.AT_LEAST_ONCE));
            writer.write(new Fake("", Qos.AT_LEAST_ONCE));
            writer.write(new Fake(large, Qos.AT_LEAST_ONCE));
        }
        assertThat(printed.toString(StandardCharsets.UTF_8)).isEqualTo("t " + large + "\nt \nt " + large + "\n");
    }

    private final class Fake implements Delivery {
        private final Message message;

        Fake(String payload, Qos qos) {
            message = Message.of("t", payload).qos(qos);
        }

        @Override
        public Message message() {
            return message;
        }

        @Override
        public boolean duplicate() {
            return false;
        }

        @Override
        public int packetId() {
            return 1;
        }

        @Override
        public void reject(ReasonCode reasonCode, String reason, List<UserProperty> userProperties) {
            reject();
        }

        @Override
        public void ack() {
            events.add("ack " + text());
        }

        @Override
        public void reject() {
            events.add("refuse " + text());
        }

        @Override
        public Delivery defer() {
            events.add("defer " + text());
            return this;
        }
    }
}
