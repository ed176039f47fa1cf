package io.hawser.client.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.client.Delivery;
import io.hawser.client.MessageHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A handler that keeps what it is given. */
final class Inbox implements MessageHandler {
    private static final int SECONDS = 20;

    private final BlockingQueue<Delivery> deliveries = new LinkedBlockingQueue<>();

    @Override
    public void handle(Delivery delivery) {
        deliveries.add(delivery);
    }

    Delivery next() throws InterruptedException {
        Delivery delivery = deliveries.poll(SECONDS, TimeUnit.SECONDS);
        assertThat(delivery).as("a message within " + SECONDS + " s").isNotNull();
        return delivery;
    }

    List<String> nextTexts(int count) throws InterruptedException {
        List<String> texts = new ArrayList<>();
        while (texts.size() < count) {
            texts.add(next().text());
        }
        return texts;
    }

    /** The texts up to and without the one that ends them. */
    List<String> textsBefore(String end) throws InterruptedException {
        List<String> texts = new ArrayList<>();
        for (String text = next().text(); !text.equals(end); text = next().text()) {
            texts.add(text);
        }
        return texts;
    }

    List<String> soFar() {
        return deliveries.stream().map(Delivery::text).toList();
    }
}
