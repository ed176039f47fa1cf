package io.hawser.benchmarks;

import io.hawser.mqtt.ProtocolVersion;

/**
 * What a {@link Racer} does.
 *
 * @param mode {@code pub}, {@code sub}, {@code roundtrip}: one message at a time; {@code idle}: connections only;
 *     {@code first}: one message as soon as possible
 * @param inflight the most messages under way at QoS 1 and 2
 * @param pending the most messages under way at QoS 0
 * @param warmup seconds before measuring
 * @param seconds seconds of measuring
 * @param store {@code none}, or what keeps the session: {@code memory}, {@code process}, {@code power}, {@code lazy}
 * @param filters further subscriptions, which nothing matches
 * @param topics over how many topics what is received is spread; 0: one, subscribed to by name
 * @param count at most so many messages, or connections when idle; 0: no end
 */
record Course(
        String client,
        String mode,
        int port,
        int qos,
        int size,
        int inflight,
        int pending,
        double warmup,
        double seconds,
        int version,
        String store,
        int filters,
        int topics,
        int count) {

    static final String TOPIC = "race/meters/7/temp";

    static Course parse(String... args) {
        Arguments arguments = Arguments.parse(args);
        Course course = new Course(
                arguments.required("client"),
                arguments.text("mode", "pub"),
                arguments.number("port", 1883),
                arguments.number("qos", 0),
                arguments.number("size", 64),
                arguments.number("inflight", 1_000),
                arguments.number("pending", 10_000),
                arguments.seconds("warmup", 8),
                arguments.seconds("seconds", 5),
                arguments.number("version", 4),
                arguments.text("store", "none"),
                arguments.number("filters", 0),
                arguments.number("topics", 0),
                arguments.number("count", 0));
        arguments.requireAllUsed();
        return course;
    }

    String filter() {
        String filter = "source/" + qos + "/" + size + "/" + count;
        return topics == 0 ? filter : filter + "/" + topics + "/+";
    }

    int bound() {
        return mode.equals("roundtrip") || mode.equals("first") ? 1 : qos == 0 ? pending : inflight;
    }

    ProtocolVersion protocolVersion() {
        return switch (version) {
            case 3 -> ProtocolVersion.MQTT_3_1;
            case 4 -> ProtocolVersion.MQTT_3_1_1;
            case 5 -> ProtocolVersion.MQTT_5;
            default -> throw new IllegalArgumentException("--version is " + version + ", must be 3 to 5");
        };
    }

    boolean stores() {
        return !store.equals("none");
    }

    byte[] payload() {
        byte[] payload = new byte[size];
        for (int i = 0; i < size; i++) {
            payload[i] = (byte) i;
        }
        return payload;
    }
}
