package io.hawser.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttClientPersistence;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.eclipse.paho.client.mqttv3.persist.MqttDefaultFilePersistence;
import org.jspecify.annotations.Nullable;

/** Eclipse Paho for MQTT 3.1.1, with its one callback for all messages; with a store, in its files. */
final class PahoV3Contestant implements Contestant {
    private final Course course;
    private final byte[] payload;
    private final @Nullable Path directory;
    private final MqttAsyncClient client;
    private @Nullable Gate watched;

    PahoV3Contestant(Course course) throws IOException {
        this.course = course;
        this.payload = course.payload();
        this.directory = course.stores() ? Scratch.directory() : null;
        MqttClientPersistence persistence =
                directory == null ? new MemoryPersistence() : new MqttDefaultFilePersistence(directory.toString());
        try {
            this.client = new MqttAsyncClient(
                    "tcp://127.0.0.1:" + course.port(), MqttAsyncClient.generateClientId(), persistence);
        } catch (MqttException e) {
            throw new IOException(e);
        }
    }

    @Override
    public void connect() throws MqttException {
        MqttConnectOptions options = new MqttConnectOptions();
        options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
        options.setCleanSession(!course.stores());
        options.setMaxInflight(65_535);
        client.connect(options).waitForCompletion();
    }

    @Override
    public void publishOne(Gate gate) throws MqttException {
        if (watched == null) {
            watch(gate);
        }
        client.publish(Course.TOPIC, payload, course.qos(), false);
    }

    private void watch(Gate gate) {
        watched = gate;
        client.setCallback(new MqttCallback() {
            @Override
            public void connectionLost(Throwable cause) {
                gate.fail(cause);
            }

            @Override
            public void messageArrived(String topic, MqttMessage message) {
                gate.leaveInTurn(1);
            }

            @Override
            public void deliveryComplete(IMqttDeliveryToken token) {
                gate.leaveInTurn(1);
            }
        });
    }

    @Override
    public void subscribe(String filter, Gate gate) throws MqttException {
        watch(gate);
        client.subscribe(filter, course.qos()).waitForCompletion();
    }

    @Override
    public void close() throws IOException {
        try {
            client.disconnectForcibly(0, 1_000);
            client.close();
        } catch (MqttException e) {
            throw new IOException(e);
        }
        if (directory != null) {
            Scratch.delete(directory);
        }
    }
}
