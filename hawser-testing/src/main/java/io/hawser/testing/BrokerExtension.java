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
        current = null; // closing is the store's part
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
        return context.getStore(NAMESPACE)
                .computeIfAbsent(BrokerServer.class, type -> BrokerServer.start(), BrokerServer.class);
    }
}
