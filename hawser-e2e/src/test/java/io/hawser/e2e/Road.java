package io.hawser.e2e;

import io.hawser.client.ClientBuilder;
import io.hawser.client.MqttClient;
import io.hawser.client.Proxy;
import io.hawser.client.Tls;

/** The ways to a broker that are tested, and how a client is told to take each. */
enum Road {
    TCP("TCP", "mqtt"),
    TLS_1_2("TLS 1.2", "mqtts"),
    TLS_1_3("TLS 1.3", "mqtts"),
    MUTUAL_TLS("TLS with a client certificate", "mqtts"),
    WS("WebSocket", "ws"),
    WSS("WebSocket over TLS", "wss"),
    HTTP_PROXY("HTTP proxy", "mqtt"),
    SOCKS5("SOCKS5 proxy", "mqtt"),
    WSS_THROUGH_HTTP_PROXY("WebSocket over TLS with a client certificate through an HTTP proxy", "wss"),
    UNIX("Unix domain socket", "unix");

    final String words;
    final String scheme;

    Road(String words, String scheme) {
        this.words = words;
        this.scheme = scheme;
    }

    boolean isProxied() {
        return this == HTTP_PROXY || this == SOCKS5 || this == WSS_THROUGH_HTTP_PROXY;
    }

    boolean isTls() {
        return scheme.equals("mqtts") || scheme.equals("wss");
    }

    boolean isWebSocket() {
        return scheme.equals("ws") || scheme.equals("wss");
    }

    /** What a client has to know beside the broker's URL. */
    ClientBuilder<MqttClient> applyTo(ClientBuilder<MqttClient> options, Tls identified, int proxyPort) {
        switch (this) {
            case TLS_1_2 -> options.tls(identified.protocols("TLSv1.2"));
            case TLS_1_3 -> options.tls(identified.protocols("TLSv1.3"));
            case MUTUAL_TLS, WSS, WSS_THROUGH_HTTP_PROXY -> options.tls(identified);
            default -> {}
        }
        if (isProxied()) {
            Proxy proxy = this == SOCKS5 ? Proxy.socks5("127.0.0.1", proxyPort) : Proxy.http("127.0.0.1", proxyPort);
            options.proxy(proxy.withCredentials(ProxyProcess.USER, ProxyProcess.PASSWORD));
        }
        return options;
    }
}
