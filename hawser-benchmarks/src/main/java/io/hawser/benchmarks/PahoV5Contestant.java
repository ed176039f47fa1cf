package io.hawser.benchmarks;

import java.io.IOException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.jspecify.annotations.Nullable;

/** Eclipse Paho for MQTT 5.0, with its one callback for all messages. */
final class PahoV5Contestant implements Contestant {
    /** Held, so that its level is not forgotten. */
    private static final Logger LOGGER = Logger.getLogger("org.eclipse.paho");

    private final Course course;
    private final byte[] payload;
    private final MqttAsyncClient client;
    private @Nullable Gate watched;

    PahoV5Contestant(Course course) throws IOException {
        // It reports every PUBREL.
        LOGGER.setLevel(Level.WARNING);
        this.course = course;
        this.payload = course.payload();
        try {
            this.client = new MqttAsyncClient("tcp://127.0.0.1:" + course.port(), "paho-v5", new MemoryPersistence());
        } catch (MqttException e) {
            throw new IOException(e);
        }
    }

    @Override
    public void connect() throws MqttException {
        client.connect().waitForCompletion();
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
            public void disconnected(MqttDisconnectResponse response) {
                if (!gate.isStopped()) {
                    gate.fail(new IOException("disconnected: " + response));
                }
            }

            @Override
            public void mqttErrorOccurred(MqttException exception) {
                gate.fail(exception);
            }

            @Override
            public void messageArrived(String topic, MqttMessage message) {
                gate.leaveInTurn(1);
            }

            @Override
            public void deliveryComplete(IMqttToken token) {
                gate.leaveInTurn(1);
            }

            @Override
            public void connectComplete(boolean reconnect, String server) {}

            @Override
            public void authPacketArrived(int reasonCode, MqttProperties properties) {}
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
            client.disconnectForcibly(0, 1_000, false);
            client.close();
        } catch (MqttException e) {
            throw new IOException(e);
        }
    }
}
