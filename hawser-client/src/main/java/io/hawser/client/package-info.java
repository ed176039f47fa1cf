/**
 * The client's API: {@code MqttClient}, {@code MqttPublisher} and {@code MqttSubscriber}, their builders and options.
 */
@NullMarked
package io.hawser.client;

import org.jspecify.annotations.NullMarked;
