package io.hawser.cli;

import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.ProtocolVersion;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** A connection for packets that a client never sends, or not at this time, and what a broker makes of them. */
final class RawProbe implements AutoCloseable {
    private static final int LONGEST_ANSWER = 65_536;

    private final Socket socket;
    private final ProtocolVersion version;
    private final DataInputStream in;

    private RawProbe(Socket socket, ProtocolVersion version) throws IOException {
        this.socket = socket;
        this.version = version;
        this.in = new DataInputStream(socket.getInputStream());
    }

    /** @throws IOException if there is no connection, or the broker refuses it */
    static RawProbe connect(ServerOptions server, ProtocolVersion version, String clientId, int timeoutSeconds)
            throws IOException {
        int millis = (int) TimeUnit.SECONDS.toMillis(timeoutSeconds);
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(server.hostName(), server.portNumber()), millis);
            socket.setSoTimeout(millis);
            RawProbe probe = new RawProbe(server.tls() ? secured(socket, server) : socket, version);
            probe.send(0x10, connect(server.credentials(), version, clientId));
            String answer = probe.answer();
            if (!answer.startsWith("CONNACK") || answer.contains("0x")) {
                throw new IOException("CONNECT is answered with " + answer);
            }
            return probe;
        } catch (IOException | GeneralSecurityException e) {
            socket.close();
            throw e instanceof IOException io ? io : new IOException(e.toString(), e);
        }
    }

    private static Socket secured(Socket socket, ServerOptions server) throws IOException, GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(server.tls.caFile == null ? null : trusting(server.tls.caFile));
        context.init(null, trust.getTrustManagers(), null);
        SSLSocket secured = (SSLSocket)
                context.getSocketFactory().createSocket(socket, server.hostName(), server.portNumber(), true);
        if (!server.tls.insecure) {
            SSLParameters parameters = secured.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            secured.setSSLParameters(parameters);
        }
        return secured;
    }

    private static KeyStore trusting(Path pem) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (InputStream file = Files.newInputStream(pem)) {
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(file)) {
                store.setCertificateEntry(Integer.toString(store.size()), certificate);
            }
        }
        return store;
    }

    private static byte[] connect(@Nullable Credentials credentials, ProtocolVersion version, String clientId)
            throws IOException {
        String user = credentials == null ? null : credentials.userName();
        byte[] password = credentials == null ? null : credentials.password();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeUTF(version == ProtocolVersion.MQTT_3_1 ? "MQIsdp" : "MQTT");
        out.write(version == ProtocolVersion.MQTT_5 ? 5 : version == ProtocolVersion.MQTT_3_1_1 ? 4 : 3);
        out.write(0x02 | (user == null ? 0 : 0x80) | (password == null ? 0 : 0x40));
        out.writeShort(60);
        if (version == ProtocolVersion.MQTT_5) {
            out.write(0);
        }
        out.writeUTF(clientId);
        if (user != null) {
            out.writeShort(user.getBytes(StandardCharsets.UTF_8).length);
            out.write(user.getBytes(StandardCharsets.UTF_8));
        }
        if (password != null) {
            out.writeShort(password.length);
            out.write(password);
        }
        return bytes.toByteArray();
    }

    /** What comes of a PUBREL for a message that was never sent. */
    String unknownPubrel() throws IOException {
        send(0x62, new byte[] {0x12, 0x34});
        return answer();
    }

    /** What comes of a message of so many bytes at QoS 1. */
    String publish(String topic, int bytes) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(body);
        out.writeUTF(topic);
        out.writeShort(1);
        if (version == ProtocolVersion.MQTT_5) {
            out.write(0);
        }
        out.write(new byte[bytes]);
        try {
            send(0x32, body.toByteArray());
        } catch (IOException e) {
            // It may be closed before everything has left; what was said before can still be read.
        }
        return answer();
    }

    private void send(int first, byte[] body) throws IOException {
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        packet.write(first);
        int rest = body.length;
        do {
            packet.write(rest > 127 ? rest & 127 | 128 : rest);
            rest >>= 7;
        } while (rest > 0);
        packet.writeBytes(body);
        socket.getOutputStream().write(packet.toByteArray());
    }

    /** The next packet in words: its name, and its reason code unless that is success. */
    private String answer() {
        try {
            int first = in.read();
            if (first < 0) {
                return "closed";
            }
            int length = 0;
            int b = 128;
            for (int shift = 0; b > 127 && shift < 28; shift += 7) {
                b = in.readUnsignedByte();
                length |= (b & 127) << shift;
            }
            byte[] body = in.readNBytes(Math.min(length, LONGEST_ANSWER));
            return switch (first >> 4) {
                case 2 -> "CONNACK" + code(body, 1);
                case 4 -> "PUBACK" + code(body, 2);
                case 7 -> "PUBCOMP" + code(body, 2);
                case 14 -> "DISCONNECT" + code(body, 0);
                default -> "packet type " + (first >> 4);
            };
        } catch (SocketTimeoutException e) {
            return "no answer";
        } catch (IOException e) {
            return "closed";
        }
    }

    private static String code(byte[] body, int at) {
        return body.length <= at || body[at] == 0 ? "" : " 0x" + HexFormat.of().toHexDigits(body[at]);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
