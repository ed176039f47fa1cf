package io.hawser.cli;

import java.util.Map;
import org.apache.activemq.artemis.api.core.TransportConfiguration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyAcceptor;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyAcceptorFactory;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.impl.ActiveMQServerImpl;
import org.apache.activemq.artemis.core.settings.impl.AddressFullMessagePolicy;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;

/**
 * An MQTT broker in this process: Apache Artemis, in memory, on a free loopback port, for MQTT 3.1, 3.1.1 and 5.0, without
 * users and passwords. It needs about a second to start and is meant for demonstrations and tests. Sessions live as long as
 * it does.
 */
public final class EmbeddedBroker implements AutoCloseable {
    private static final String ACCEPTOR = "mqtt";

    private final ActiveMQServer server;
    private final int port;

    private EmbeddedBroker(ActiveMQServer server, int port) {
        this.server = server;
        this.port = port;
    }

    /**
     * A running broker on a free port.
     *
     * @throws IllegalStateException if it cannot start
     */
    public static EmbeddedBroker start() {
        return start(0);
    }

    /**
     * A running broker on this port of the loopback interface; 0 takes a free one.
     *
     * @throws IllegalStateException if it cannot start, as when the port is taken
     */
    public static EmbeddedBroker start(int port) {
        ActiveMQServer server = new ActiveMQServerImpl(configuration(port));
        try {
            server.start();
            NettyAcceptor acceptor = (NettyAcceptor) server.getRemotingService().getAcceptor(ACCEPTOR);
            if (acceptor == null || !acceptor.isStarted()) {
                server.stop();
                throw new IllegalStateException("The embedded broker cannot listen on port " + port);
            }
            return new EmbeddedBroker(server, acceptor.getActualPort());
        } catch (IllegalStateException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("The embedded broker cannot start: " + e.getMessage(), e);
        }
    }

    private static ConfigurationImpl configuration(int port) {
        ConfigurationImpl configuration = new ConfigurationImpl();
        configuration.setPersistenceEnabled(false);
        configuration.setSecurityEnabled(false);
        configuration.setJMXManagementEnabled(false);
        configuration.setMessageCounterEnabled(false);
        configuration.addAcceptorConfiguration(new TransportConfiguration(
                NettyAcceptorFactory.class.getName(),
                Map.of("host", "127.0.0.1", "port", port, "protocols", "MQTT"),
                ACCEPTOR));
        configuration.addAddressSetting(
                "#",
                new AddressSettings()
                        // By default a message that ten connections lost is given up.
                        .setMaxDeliveryAttempts(-1)
                        // There is no disk to page to.
                        .setAddressFullMessagePolicy(AddressFullMessagePolicy.BLOCK)
                        .setMaxSizeBytes(-1));
        return configuration;
    }

    /** The port on the loopback interface. */
    public int port() {
        return port;
    }

    /** Such as {@code mqtt://127.0.0.1:41893}. */
    public String url() {
        return "mqtt://127.0.0.1:" + port;
    }

    /** Stops the broker and forgets every session. Idempotent. */
    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("The embedded broker cannot stop: " + e.getMessage(), e);
        }
    }
}
