/** A bridge between two MQTT brokers: {@link io.hawser.bridge.MqttBridge}. */
@org.jspecify.annotations.NullMarked
package io.hawser.bridge;
