package io.hawser.cli;

import io.hawser.client.MqttBuilder;
import io.hawser.client.Tls;
import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.ProtocolVersion;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Which broker, and how to reach it: the options of every command that connects. */
final class ServerOptions {
    @Option(
            names = {"-h", "--host"},
            paramLabel = "HOST",
            description = "Host of the broker (default: localhost).")
    @Nullable
    String host;

    @Option(
            names = {"-p", "--port"},
            paramLabel = "PORT",
            converter = Port.class,
            description = "Port of the broker (default: 1883, with TLS 8883).")
    @Nullable
    Integer port;

    @Option(
            names = {"-L", "--url"},
            paramLabel = "URL",
            converter = Url.class,
            description =
                    "User, password, host, port and topic at once: mqtt(s)://[user[:password]@]host[:port]/topic.")
    @Nullable
    BrokerUrl url;

    @Option(
            names = {"-u", "--username"},
            paramLabel = "USER",
            description = "User name.")
    @Nullable
    String user;

    @Option(
            names = {"-P", "--pw"},
            paramLabel = "PASSWORD",
            description =
                    "Password; needs a user name before MQTT 5.0. Default: the environment variable HAWSER_PASSWORD.")
    @Nullable
    String password;

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            description =
                    "File with the password, which other users of this machine do not see as they see -P. A line end at"
                            + " its end does not count.")
    @Nullable
    Path passwordFile;

    @Option(names = "--ask-password", description = "Ask for the password on the terminal.")
    boolean askPassword;

    /** Where a password is looked for that no option gives. */
    Map<String, String> environment = System.getenv();

    private byte @Nullable [] read;

    @Option(
            names = {"-V", "--protocol-version"},
            paramLabel = "VERSION",
            converter = Version.class,
            description =
                    "mqttv5 (or 5), mqttv311 (or 311) or mqttv31 (or 31); default: the highest that the broker accepts.")
    @Nullable
    ProtocolVersion version;

    @Option(names = "--cafile", paramLabel = "FILE", description = "Certificates to trust, PEM. Switches TLS on.")
    @Nullable
    Path caFile;

    @Option(names = "--cert", paramLabel = "FILE", description = "Certificate of this client, PEM; needs --key.")
    @Nullable
    Path certificate;

    @Option(names = "--key", paramLabel = "FILE", description = "Key of the certificate, PEM (PKCS#8).")
    @Nullable
    Path key;

    @Option(names = "--insecure", description = "Do not check that the broker's certificate is for its host name.")
    boolean insecure;

    /** TLS is on as with mosquitto's tools: by URL, by certificates, or by port 8883. */
    boolean tls() {
        return url != null && url.tls()
                || caFile != null
                || certificate != null
                || port != null && port == BrokerUrl.TLS_PORT;
    }

    String hostName() {
        return url != null ? url.host() : Optional.ofNullable(host).orElse("localhost");
    }

    int portNumber() {
        if (url != null) {
            return url.port();
        }
        return port != null ? port : tls() ? BrokerUrl.TLS_PORT : BrokerUrl.PLAIN_PORT;
    }

    String server() {
        return BrokerUrl.server(tls(), hostName(), portNumber());
    }

    /** Gives the builder what these options say. */
    void applyTo(MqttBuilder<?, ?> builder) {
        Credentials credentials = credentials();
        if (credentials != null) {
            builder.credentials(credentials);
        }
        if (version != null) {
            builder.version(version);
        }
        if (tls()) {
            builder.tls(tlsSettings());
        }
    }

    /** @throws IllegalArgumentException if options contradict each other */
    void check() {
        if (url != null && (host != null || port != null)) {
            throw new IllegalArgumentException("-L names host and port already; -h and -p cannot be given beside it.");
        }
        if ((certificate == null) != (key == null)) {
            throw new IllegalArgumentException("Both --cert and --key must be given if one of them is.");
        }
        if (Stream.of(password != null, passwordFile != null, askPassword)
                        .filter(given -> given)
                        .count()
                > 1) {
            throw new IllegalArgumentException("Only one of -P, --password-file and --ask-password can be given.");
        }
        Credentials unused = credentials();
    }

    /** What proves who connects; null if nothing is to. */
    @Nullable
    Credentials credentials() {
        String name = user != null || url == null ? user : url.user();
        byte[] secret = secret(name);
        if (name == null) {
            if (secret == null) {
                return null;
            }
            if (version != ProtocolVersion.MQTT_5) {
                throw new IllegalArgumentException(
                        "A password needs a user name in MQTT 3.1 and 3.1.1; without one, give -V mqttv5.");
            }
            return Credentials.ofPassword(secret);
        }
        return secret == null ? Credentials.of(name) : Credentials.of(name, secret);
    }

    /** The variable alone asks for no authentication: it may be meant for other brokers. */
    private byte @Nullable [] secret(@Nullable String name) {
        if (read != null) {
            return read;
        }
        if (passwordFile != null) {
            read = Password.in(passwordFile);
        } else if (askPassword) {
            read = Password.asked();
        } else {
            String text = password != null || url == null ? password : url.password();
            boolean wanted = name != null || version == ProtocolVersion.MQTT_5;
            text = text == null && wanted ? environment.get(Password.VARIABLE) : text;
            read = text == null ? null : text.getBytes(StandardCharsets.UTF_8);
        }
        return read;
    }

    private Tls tlsSettings() {
        Tls tls = caFile == null ? Tls.platform() : Tls.trusting(caFile);
        if (certificate != null && key != null) {
            tls = tls.identifiedBy(certificate, key);
        }
        return insecure ? tls.withoutHostNameVerification() : tls;
    }

    /** 1 to 65,535. */
    static final class Port implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String value) {
            try {
                return BrokerUrl.port(value);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    /** The argument of {@code -L}. */
    static final class Url implements ITypeConverter<BrokerUrl> {
        @Override
        public BrokerUrl convert(String value) {
            try {
                return BrokerUrl.parse(value);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    /** The names that mosquitto's tools give the versions. */
    static final class Version implements ITypeConverter<ProtocolVersion> {
        @Override
        public ProtocolVersion convert(String value) {
            return switch (value) {
                case "mqttv31", "31" -> ProtocolVersion.MQTT_3_1;
                case "mqttv311", "311" -> ProtocolVersion.MQTT_3_1_1;
                case "mqttv5", "5" -> ProtocolVersion.MQTT_5;
                default ->
                    throw new TypeConversionException("Invalid protocol version '" + value
                            + "', must be mqttv5, mqttv311, mqttv31, 5, 311 or 31");
            };
        }
    }
}
