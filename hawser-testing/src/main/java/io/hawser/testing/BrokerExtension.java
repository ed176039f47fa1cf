package io.hawser.testing;

import io.hawser.mqtt.Message;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives every test a broker of its own, started before it and stopped after it. As a field:
 *
 * <pre>{@code
 * @RegisterExtension
 * final BrokerExtension broker = new BrokerExtension();
 *
 * @Test
 * void connects() {
 *     try (var client = MqttClient.connect(broker.url())) { … }
 * }
 * }</pre>
 *
 * or with {@code @ExtendWith(BrokerExtension.class)} and a parameter of type {@link BrokerServer}.
 */
public final class BrokerExtension implements BeforeEachCallback, AfterEachCallback, ParameterResolver {
    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(BrokerExtension.class);

    private @Nullable BrokerServer current;

    /** For use as a field or with {@code @ExtendWith}. */
    public BrokerExtension() {}

    /**
     * The broker of the running test.
     *
     * @throws IllegalStateException outside of a test
     */
    public BrokerServer server() {
        BrokerServer running = current;
        if (running == null) {
            throw new IllegalStateException("the broker runs from before a test method until after it");
        }
        return running;
    }

    /** Where to connect: {@code mqtt://127.0.0.1:port}. */
    public String url() {
        return server().url();
    }

    /** Publishes a message as if a client had sent it. */
    public void publish(Message message) {
        server().publish(message);
    }

    /** What the broker does wrong. */
    public Misbehaviour misbehave() {
        return server().misbehave();
    }

    /** What the broker grants clients of MQTT 5.0. */
    public Grants grant() {
        return server().grant();
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        current = broker(context);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        current = null;
        // JUnit before 5.13 does not close it.
        BrokerServer finished = context.getStore(NAMESPACE).remove(BrokerServer.class, BrokerServer.class);
        if (finished != null) {
            finished.close();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == BrokerServer.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return broker(context);
    }

    private static BrokerServer broker(ExtensionContext context) {
        // Without what JUnit 6 has added: applications bring their JUnit 5.
        ExtensionContext.Store store = context.getStore(NAMESPACE);
        BrokerServer running = store.get(BrokerServer.class, BrokerServer.class);
        if (running == null) {
            running = BrokerServer.start();
            store.put(BrokerServer.class, running);
        }
        return running;
    }
}
