package io.hawser.client.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebSocketHandshakeTest {
    /** The example of RFC 6455, section 1.3. */
    private static final byte[] NONCE = Base64.getDecoder().decode("dGhlIHNhbXBsZSBub25jZQ==");

    private static final String ACCEPT = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";
    private static final String SWITCHING = "HTTP/1.1 101 Switching Protocols\r\n";
    private static final String UPGRADE = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
    private static final String MQTT = "Sec-WebSocket-Protocol: mqtt\r\n";

    private static WebSocketSettings settings(String path) {
        return new WebSocketSettings(
                path, List.of(Map.entry("Authorization", "Bearer secret")), List.of("mqtt", "mqttv3.1"));
    }

    private static void check(String answer, int piece) throws IOException {
        HttpHead head = new HttpHead(Secrets.NONE);
        byte[] bytes = answer.getBytes(StandardCharsets.ISO_8859_1);
        boolean complete = false;
        for (int at = 0; at < bytes.length && !complete; at += piece) {
            complete = head.read(ByteBuffer.wrap(bytes, at, Math.min(piece, bytes.length - at)));
        }
        assertThat(complete).isTrue();
        new WebSocketHandshake("broker", -1, settings("/mqtt"), NONCE).check(head);
    }

    private static void assertRefused(String answer, String words) {
        for (int piece : new int[] {1, 5, 100_000}) {
            assertThatThrownBy(() -> check(answer, piece))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(words);
        }
    }

    private static String request(String host, int port, WebSocketSettings settings) {
        return StandardCharsets.ISO_8859_1
                .decode(new WebSocketHandshake(host, port, settings, NONCE).request())
                .toString();
    }

    @Test
    void asksAsTheStandardWantsIt() {
        assertThat(request("broker", 8080, settings("/mqtt?token=x")))
                .isEqualTo(
                        "GET /mqtt?token=x HTTP/1.1\r\nHost: broker:8080\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                                + "Sec-WebSocket-Protocol: mqtt, mqttv3.1\r\nAuthorization: Bearer secret\r\n\r\n");
    }

    @ParameterizedTest
    @CsvSource({"fe80::1%eth0, 8080, [fe80::1]:8080", "::1, -1, [::1]", "broker, -1, broker"})
    void namesTheHostAsHttpDoes(String host, int port, String authority) {
        assertThat(request(host, port, settings("/"))).contains("\r\nHost: " + authority + "\r\n");
    }

    @Test
    void leavesOutItsHostWhereTheProgramGivesOne() {
        assertThat(request(
                        "broker",
                        80,
                        new WebSocketSettings("/", List.of(Map.entry("host", "a.example")), List.of("mqtt"))))
                .contains("\r\nhost: a.example\r\n")
                .doesNotContain("broker");
    }

    @Test
    void showsNeitherQueryNorValues() {
        assertThat(settings("/mqtt?token=secret"))
                .hasToString("WebSocket /mqtt?…, headers [Authorization], subprotocols [mqtt, mqttv3.1]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                SWITCHING + UPGRADE + ACCEPT + MQTT,
                "HTTP/1.1 101\r\n" + UPGRADE + ACCEPT + MQTT,
                "HTTP/1.1 100 Continue\r\nX: y\r\n\r\n" + SWITCHING + UPGRADE + ACCEPT + MQTT,
                SWITCHING + "upgrade:WebSocket\r\nCONNECTION:  keep-alive, UPGRADE \r\n" + ACCEPT + MQTT,
                SWITCHING + "Connection: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n" + ACCEPT + MQTT,
                SWITCHING + UPGRADE + ACCEPT + "Sec-WebSocket-Protocol: mqttv3.1\r\n",
                SWITCHING + UPGRADE + ACCEPT + "Sec-WebSocket-Protocol: mqtt, mqttv3.1\r\n",
                SWITCHING + UPGRADE + ACCEPT + MQTT + "Sec-WebSocket-Extensions:\r\n"
            })
    void takesEachWayToSayYes(String answer) throws Exception {
        for (int piece : new int[] {1, 7, 100_000}) {
            check(answer + "\r\n", piece);
            check(answer.replace("\r\n", "\n") + "\n", piece);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "400, does not understand",
        "401, wants credentials",
        "403, forbids",
        "404, nothing at this path",
        "405, no such request",
        "418, it refuses (HTTP 418 Because)",
        "426, another protocol or version",
        "429, too many requests",
        "500, it failed",
        "502, cannot be reached",
        "503, not available",
        "504, does not answer",
        "200, as a web server does",
        "204, it refuses (HTTP 204 Because)"
    })
    void saysInWordsWhyItIsRefused(int status, String words) {
        assertRefused("HTTP/1.1 " + status + " Because\r\nContent-Length: 0\r\n\r\n", words);
    }

    @Test
    void namesWhereItIsRedirected() {
        assertRefused(
                "HTTP/1.1 302 Found\r\nLocation: wss://u:secret@other.example/mqtt?k=secret\r\n\r\n",
                "redirects to wss://…@other.example/mqtt?…, which is not followed (HTTP 302 Found)");
        assertRefused("HTTP/1.1 301 Moved\r\n\r\n", "redirects elsewhere");
    }

    @ParameterizedTest
    @CsvSource({
        "'Connection: Upgrade', another protocol",
        "'Upgrade: websocket', another protocol",
        "'Upgrade: h2c|Connection: Upgrade', another protocol",
        "'Upgrade: websocket|Connection: close', another protocol",
        "'Upgrade: websocket|Connection: Upgrade', not for this request",
        "'Upgrade: websocket|Connection: Upgrade|Sec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo=', not for this request"
    })
    void refusesAnswersThatLackSomething(String headers, String words) {
        assertRefused(SWITCHING + headers.replace("|", "\r\n") + "\r\n" + MQTT + "\r\n", words);
    }

    @Test
    void refusesOtherSubprotocolsAndExtensions() {
        String answer = SWITCHING + UPGRADE + ACCEPT;
        assertRefused(answer + "\r\n", "chose no subprotocol, offered was mqtt, mqttv3.1");
        assertRefused(answer + "Sec-WebSocket-Protocol: amqp\r\n\r\n", "chose the subprotocol 'amqp'");
        assertRefused(answer + "Sec-WebSocket-Protocol: mqtt, amqp\r\n\r\n", "chose the subprotocol");
        assertRefused(
                answer + MQTT + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n", "not offered: permessage");
    }

    @ParameterizedTest
    @CsvSource({
        "'|garbage', bytes that begin with 0x7c",
        "'HTTP/2 200 OK|', bytes that begin with",
        "'HTTP/1.1 abc|', malformed line",
        "'HTTP/1.1 999 x|', malformed line",
        "'HTTP/1.1  101 x|', malformed line",
        "'HTTP/1.1 200 OK|no colon|', malformed header",
        "'HTTP/1.1 200 OK| folded: x|', malformed header",
        "'HTTP/1.1 200 OK|a b: x|', malformed header"
    })
    void refusesWhatIsNoHttp(String answer, String words) {
        String text = answer.startsWith("|") ? answer : answer.replace("|", "\r\n");
        assertRefused(text, words);
    }

    @Test
    void refusesControlCharactersAndShowsThemSafely() {
        assertRefused("HTTP/1.1 200 OK\r\nx: a\u001b[31m\r\n\r\n", "control characters");
        assertRefused("HTTP/1.1 404 \u009b\r\n\r\n", "HTTP 404 \\u009b)");
    }

    @Test
    void saysThatItIsAnsweredWithTls() {
        assertRefused("\u0015\u0003\u0003", "it answers with TLS, where HTTP without TLS was tried");
    }

    @Test
    void leavesWhatFollowsTheHead() throws Exception {
        ByteBuffer bytes = ByteBuffer.wrap((SWITCHING + "\r\nrest").getBytes(StandardCharsets.US_ASCII));
        assertThat(new HttpHead(Secrets.NONE).read(bytes)).isTrue();
        assertThat(bytes.remaining()).isEqualTo(4);
    }

    @Test
    void refusesHeadsWithoutEnd() {
        assertRefused(SWITCHING + "x: " + "y".repeat(20_000), "more than 16384 bytes");
        assertRefused("HTTP/1.1 100 Continue\r\n\r\n".repeat(2_000), "more than 16384 bytes");
        assertRefused(SWITCHING + "a: b\r\n".repeat(4_000), "more than 16384 bytes");
    }

    /** Random and spoilt answers: nothing but an {@link IOException} is thrown. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void survivesSpoiltAnswers(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 3_000; round++) {
            byte[] bytes = (SWITCHING + UPGRADE + ACCEPT + MQTT + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
            for (int spoilt = random.nextInt(6); spoilt >= 0; spoilt--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                HttpHead head = new HttpHead(Secrets.NONE);
                if (head.read(ByteBuffer.wrap(bytes))) {
                    new WebSocketHandshake("broker", -1, settings("/"), NONCE).check(head);
                }
            } catch (IOException e) {
                assertThat(e.getMessage()).doesNotContain("\n").hasSizeLessThan(2_000);
            }
        }
    }
}
