package io.hawser.cli;

import io.hawser.mqtt.ConnectResult.Negotiated;
import io.hawser.mqtt.ProtocolVersion;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** What a doctor tries that no client may send, and what a broker makes of it. */
final class RawTrials {
    /** A limit above this is not tried: sending more takes too long, and a megabyte instead. */
    private static final int LARGEST = 16 * 1024 * 1024;

    private static final int UNLIMITED = 1024 * 1024;

    private final ServerOptions server;
    private final Negotiated granted;
    private final ProtocolVersion version;
    private final int timeoutSeconds;
    private final List<String> quirks;

    RawTrials(
            ServerOptions server,
            Negotiated granted,
            ProtocolVersion version,
            int timeoutSeconds,
            List<String> quirks) {
        this.server = server;
        this.granted = granted;
        this.version = version;
        this.timeoutSeconds = timeoutSeconds;
        this.quirks = quirks;
    }

    @FunctionalInterface
    private interface Trial {
        String answer(RawProbe probe) throws IOException;
    }

    Map<String, String> all() {
        Map<String, String> findings = new LinkedHashMap<>();
        if (!server.isPlainRoad()) {
            return findings; // these connections have no certificate of their own, and know TCP and TLS only
        }
        String pubrel = answer(RawProbe::unknownPubrel);
        findings.put("unknownPubrelTried", pubrel);
        if (!pubrel.startsWith("PUBCOMP")) {
            quirks.add("a PUBREL for an unknown identifier is answered with: " + pubrel);
        }
        if (granted.maximumQos().level() > 0) {
            boolean limited = granted.maximumPacketSize() <= LARGEST;
            int bytes = limited ? Math.toIntExact(granted.maximumPacketSize()) : UNLIMITED;
            String topic = "hawser-doctor/"
                    + Long.toHexString(ThreadLocalRandom.current().nextLong());
            String oversized = answer(probe -> probe.publish(topic, bytes));
            findings.put(limited ? "oversizedTried" : "megabyteTried", oversized);
            if (oversized.equals("closed") || oversized.equals("no answer")) {
                quirks.add("a message of " + bytes + " bytes is answered with: " + oversized);
            }
        }
        return findings;
    }

    private String answer(Trial trial) {
        String id = "hawser-doctor-" + Long.toString(ThreadLocalRandom.current().nextLong(1L << 40), 36);
        try (RawProbe probe = RawProbe.connect(server, version, id, timeoutSeconds)) {
            return trial.answer(probe);
        } catch (IOException e) {
            return "no connection";
        }
    }
}
