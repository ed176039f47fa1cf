package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hawser.client.MqttClient;
import io.hawser.mqtt.Message;
import io.hawser.testing.BrokerExtension;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;

/** When the last client is closed, nothing keeps the library loaded: an application server can load it anew many times. */
class UnloadingTest {
    private static final int DEPLOYMENTS = 5;
    /** What an application with Hawser has on its class path, each by one of its classes. */
    private static final List<Class<?>> APPLICATION =
            List.of(Deployment.class, MqttClient.class, Message.class, Logger.class);

    @RegisterExtension
    final BrokerExtension broker = new BrokerExtension();

    @TempDir
    private Path directory;

    /** The server's thread, which starts one deployment after the other. */
    private final ExecutorService server = Executors.newSingleThreadExecutor();

    private final ThreadPoolExecutor pool =
            new ThreadPoolExecutor(2, 2, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>());
    private final List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
    private Path trusted;
    private Authority authority;

    @BeforeEach
    void prepare() throws Exception {
        // A thread that the pool starts later would be begun by the deployment that needs it, and refer to it.
        pool.prestartAllCoreThreads();
        authority = new Authority("Test Authority");
        trusted = Files.write(directory.resolve("authority.pem"), authority.pem());
    }

    @AfterEach
    void end() {
        server.shutdownNow();
        pool.shutdownNow();
    }

    @Test
    void nothingStaysOfClientsOnPlainTcp() throws Exception {
        deployAll(broker.url());
        awaitUnloaded();
    }

    @Tag("slow")
    @Test
    void nothingStaysOfClientsWithTls() throws Exception {
        try (TlsFront front = new TlsFront(
                authority.issue("broker", "127.0.0.1"), broker.server().port())) {
            deployAll(front.url());
            awaitUnloaded();
        }
    }

    private void deployAll(String url) throws Exception {
        for (int i = 0; i < DEPLOYMENTS; i++) {
            int kind = i;
            server.submit(() -> {
                        loaders.add(deploy(url, kind));
                        return null;
                    })
                    .get(2, TimeUnit.MINUTES);
        }
    }

    private WeakReference<ClassLoader> deploy(String url, int kind) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader outer = thread.getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader())) {
            thread.setContextClassLoader(loader);
            @SuppressWarnings("unchecked")
            Consumer<Map<String, Object>> deployment =
                    (Consumer<Map<String, Object>>) loader.loadClass(Deployment.class.getName())
                            .getConstructor()
                            .newInstance();
            assertThat(deployment.getClass()).isNotSameAs(Deployment.class);
            deployment.accept(Map.of(
                    "url", url, "trusted", trusted, "store", directory.resolve("store"), "pool", pool, "kind", kind));
            return new WeakReference<>(loader);
        } finally {
            thread.setContextClassLoader(outer);
        }
    }

    private static URL[] classPath() {
        Set<URL> places = new LinkedHashSet<>();
        for (Class<?> of : APPLICATION) {
            places.add(of.getProtectionDomain().getCodeSource().getLocation());
        }
        return places.toArray(new URL[0]);
    }

    private void awaitUnloaded() {
        await("all class loaders are unreachable")
                .atMost(Duration.ofMinutes(1))
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> {
                    System.gc();
                    assertThat(loaders)
                            .as("class loaders; threads: "
                                    + Thread.getAllStackTraces().keySet())
                            .hasSize(DEPLOYMENTS)
                            .allMatch(loader -> loader.refersTo(null));
                });
    }
}
