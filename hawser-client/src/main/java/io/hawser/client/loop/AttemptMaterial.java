package io.hawser.client.loop;

import io.hawser.client.transport.TlsSettings;
import io.hawser.client.transport.WebSocketSettings;
import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.Will;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The parts of one attempt to connect that the program has given for it alone; null leaves a part to the other options.
 *
 * @param expiresAt when the broker stops to accept what the connection was made with
 */
public record AttemptMaterial(
        @Nullable Server server,
        @Nullable Credentials credentials,
        @Nullable Will will,
        @Nullable TlsSettings tls,
        @Nullable WebSocketSettings webSocket,
        @Nullable Instant expiresAt) {
    static final AttemptMaterial NONE = new AttemptMaterial(null, null, null, null, null, null);
}
