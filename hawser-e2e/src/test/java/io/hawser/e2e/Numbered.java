package io.hawser.e2e;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Messages that are nothing but a number: it decides quality of service, topic and payload, so that whoever receives one can
 * tell whether it is what was sent. The topic has the number, too, since that is what Mosquitto shows in its log.
 */
final class Numbered {
    static final String TOPICS = "kill/#";

    private Numbered() {}

    static Message message(long number) {
        return Message.of(topic(number), payload(number)).qos(qos(number));
    }

    static Qos qos(long number) {
        return number % 2 == 0 ? Qos.EXACTLY_ONCE : Qos.AT_LEAST_ONCE;
    }

    static String topic(long number) {
        return "kill/" + qos(number).level() + "/" + number;
    }

    /** Mostly short; now and then as long as many others together. */
    private static byte[] payload(long number) {
        int length = number % 61 == 0 ? 10_000 : (int) (20 + number * 31 % 200);
        byte[] payload = new byte[length];
        Arrays.fill(payload, (byte) ('a' + number % 26));
        byte[] digits = Long.toString(number).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(digits, 0, payload, 0, digits.length);
        return payload;
    }

    /** The number of a message that arrived, or -1 if it is not what was sent. */
    static long numberOf(Message message) {
        String topic = message.topic();
        long number = Long.parseLong(topic.substring(topic.lastIndexOf('/') + 1));
        boolean same = topic.equals(topic(number)) && message.payload().equals(ByteBuffer.wrap(payload(number)));
        return same ? number : -1;
    }
}
