package io.hawser.session;

import io.hawser.mqtt.TopicName;

/**
 * The topics to which replies to a client's requests go when the program names none. A subscription to one ends with the process
 * that made it: its replies answer what that process asked.
 */
public final class ReplyTopics {
    /** Where such topics begin, if the broker gives no response information. */
    public static final String BASE = "hawser/replies/";

    private ReplyTopics() {}

    /** The reply topic within what the broker's response information says (MQTT 5.0). */
    public static String within(String responseInformation) {
        return responseInformation + (responseInformation.endsWith("/") ? "hawser" : "/hawser");
    }

    static boolean includes(TopicName name) {
        return name.toString().startsWith(BASE);
    }

    static boolean includes(String filter) {
        return filter.startsWith(BASE);
    }
}
