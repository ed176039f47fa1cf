package io.hawser.mqtt;

import io.hawser.text.Utf8;

/**
 * A user property: a name and a value that a program adds to a message or a request of MQTT 5.0. Names may repeat, and
 * the order is kept [MQTT-3.3.2-17] [MQTT-3.3.2-18].
 *
 * @param name up to 65,535 bytes in UTF-8
 * @param value up to 65,535 bytes in UTF-8
 */
public record UserProperty(String name, String value) {
    public UserProperty {
        Utf8.length("user property name", name);
        Utf8.length("user property value", value);
    }
}
