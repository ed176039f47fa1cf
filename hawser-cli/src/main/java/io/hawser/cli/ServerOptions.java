package io.hawser.cli;

import io.hawser.client.MqttBuilder;
import io.hawser.client.Proxy;
import io.hawser.client.WebSocket;
import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.text.Urls;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Which broker, and how to reach it: the options of every command that connects. */
final class ServerOptions {
    @Option(
            names = {"-h", "--host"},
            paramLabel = "HOST",
            description = "Host of the broker, or its URL as with -L (default: localhost).")
    @Nullable
    String host;

    @Option(
            names = {"-p", "--port"},
            paramLabel = "PORT",
            converter = Port.class,
            description = "Port of the broker (default: 1883, with TLS 8883; by WebSocket 80, with TLS 443).")
    @Nullable
    Integer port;

    @Option(
            names = {"-L", "--url"},
            paramLabel = "URL",
            converter = Url.class,
            description = "User, password, host, port and topic at once: mqtt(s)://[user[:password]@]host[:port]/topic;"
                    + " or ws(s)://[user[:password]@]host[:port]/path, or unix:/path.")
    @Nullable
    BrokerUrl url;

    @Option(
            names = {"-A", "--bind"},
            paramLabel = "ADDRESS",
            converter = LocalAddress.class,
            description = "Connect from this address of this machine, which chooses the network.")
    @Nullable
    InetAddress localAddress;

    @Option(names = "--unix", paramLabel = "FILE", description = "Connect to the Unix domain socket at this path.")
    @Nullable
    Path unix;

    @Option(
            names = "--ws-path",
            paramLabel = "PATH",
            description = "Connect by WebSocket, at this path (with its query), such as /mqtt.")
    @Nullable
    String webSocketPath;

    @Option(
            names = "--header",
            paramLabel = "NAME:VALUE",
            description = "Send this header with the request for a WebSocket; may be repeated.")
    List<String> headers = new ArrayList<>();

    @Option(
            names = "--proxy",
            paramLabel = "URL",
            converter = ProxyUrl.class,
            description =
                    "Connect through this proxy: http://[user[:password]@]host:port, socks5://[user[:password]@]host[:port],"
                            + " socks4://[user@]host[:port], or system for the one that the Java platform is configured to use.")
    @Nullable
    Proxy proxy;

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
            completionCandidates = Candidates.Versions.class,
            description =
                    "mqttv5 (or 5), mqttv311 (or 311) or mqttv31 (or 31); default: the highest that the broker accepts.")
    @Nullable
    ProtocolVersion version;

    @Mixin
    TlsOptions tls = new TlsOptions();

    /** TLS is on as with mosquitto's tools: by URL, by certificates, or by port 8883. */
    boolean tls() {
        return url != null && url.tls() || tls.areGiven() || port != null && port == scheme(true).defaultPort;
    }

    private BrokerUrl.Scheme scheme(boolean tls) {
        boolean webSocket = url == null ? webSocketPath != null : url.scheme().isWebSocket();
        return isUnix() ? BrokerUrl.Scheme.UNIX : BrokerUrl.Scheme.of(tls, webSocket);
    }

    private boolean isUnix() {
        return unix != null || url != null && url.scheme() == BrokerUrl.Scheme.UNIX;
    }

    /** Whether the broker is reached by TCP, or by TLS with nothing more than certificates to trust. */
    boolean isPlainRoad() {
        return proxy == null
                && !tls.areMoreThanTrust()
                && !isUnix()
                && !scheme(false).isWebSocket();
    }

    String hostName() {
        return url != null ? url.host() : Optional.ofNullable(host).orElse("localhost");
    }

    int portNumber() {
        if (url != null) {
            return url.port();
        }
        return port != null ? port : scheme(tls()).defaultPort;
    }

    String server() {
        if (unix != null) {
            return BrokerUrl.Scheme.UNIX.prefix + unix.toAbsolutePath();
        }
        BrokerUrl.Scheme scheme = scheme(tls());
        return url != null
                ? url.server(scheme, url.host(), url.port())
                : BrokerUrl.server(scheme, hostName(), portNumber(), "");
    }

    /** The server as it may be shown. */
    String shown() {
        return Urls.withoutSecrets(server());
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
        if (tls() && !isUnix()) {
            builder.tls(tls.settings());
        }
        if (localAddress != null) {
            builder.localAddress(new InetSocketAddress(localAddress, 0));
        }
        if (webSocketPath != null || !headers.isEmpty()) {
            builder.webSocket(webSocket());
        }
        if (proxy != null) {
            builder.proxy(proxy);
        }
    }

    private WebSocket webSocket() {
        WebSocket request = webSocketPath == null
                ? WebSocket.standard()
                : WebSocket.standard().withPath(webSocketPath);
        for (String header : headers) {
            int colon = header.indexOf(':');
            if (colon < 0) {
                throw new IllegalArgumentException("--header must be a name, a colon and a value.");
            }
            request = request.withHeader(
                    header.substring(0, colon).strip(),
                    header.substring(colon + 1).strip());
        }
        return request;
    }

    /** @throws IllegalArgumentException if options contradict each other */
    void check() {
        takeUrlOfHost();
        if (url != null && (host != null || port != null)) {
            throw new IllegalArgumentException("-L names host and port already; -h and -p cannot be given beside it.");
        }
        if (unix != null && (url != null || host != null || port != null)) {
            throw new IllegalArgumentException(
                    "--unix names the broker already; -h, -p and -L cannot be given beside it.");
        }
        if (isUnix() && (proxy != null || localAddress != null)) {
            throw new IllegalArgumentException("A Unix domain socket is on this machine; "
                    + (proxy != null ? "--proxy" : "-A") + " cannot be given beside it.");
        }
        if ((webSocketPath != null || !headers.isEmpty())
                && (isUnix() || !scheme(false).isWebSocket())) {
            throw new IllegalArgumentException(
                    "--ws-path and --header are for WebSockets: with -L ws://... or wss://..., or --ws-path with -h and -p.");
        }
        WebSocket unusedRequest = webSocket();
        tls.check();
        if (Stream.of(password != null, passwordFile != null, askPassword)
                        .filter(given -> given)
                        .count()
                > 1) {
            throw new IllegalArgumentException("Only one of -P, --password-file and --ask-password can be given.");
        }
        Credentials unused = credentials();
    }

    /** Where other tools want a host, people have URLs. */
    private void takeUrlOfHost() {
        if (host != null && url == null && BrokerUrl.hasScheme(host)) {
            url = BrokerUrl.parse(host);
            host = null;
        }
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

    /** The argument of {@code -A}: an address, or a name of this machine. */
    static final class LocalAddress implements ITypeConverter<InetAddress> {
        @Override
        public InetAddress convert(String value) {
            try {
                return InetAddress.getByName(value);
            } catch (UnknownHostException e) {
                throw new TypeConversionException("'" + value + "' is no address of this machine");
            }
        }
    }

    /** The argument of {@code --proxy}. */
    static final class ProxyUrl implements ITypeConverter<Proxy> {
        static Proxy of(String value) {
            return value.equals("system") ? Proxy.system() : Proxy.parse(value);
        }

        @Override
        public Proxy convert(String value) {
            try {
                return of(value);
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
