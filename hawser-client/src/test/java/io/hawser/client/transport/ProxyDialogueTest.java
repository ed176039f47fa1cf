package io.hawser.client.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ProxyDialogueTest {
    private static final HexFormat HEX = HexFormat.of();

    private static ProxySettings proxy(ProxySettings.Kind kind, String user, String password) {
        return new ProxySettings(kind, "proxy.example", 3128, user, password);
    }

    private static ProxyDialogue dialogue(ProxySettings.Kind kind, String host, String user, String password) {
        return proxy(kind, user, password).dialogue(host, 1883, Secrets.NONE);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private static String hex(ByteBuffer buffer) {
        return HEX.formatHex(bytes(buffer));
    }

    /** Everything that the client says, in hexadecimal digits, to a proxy whose answers arrive in pieces of this size. */
    private static String said(ProxyDialogue dialogue, String answers, int piece) throws IOException {
        byte[] bytes = HEX.parseHex(answers);
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        said.writeBytes(bytes(dialogue.begin()));
        for (int at = 0; at < bytes.length; at += piece) {
            ByteBuffer from = ByteBuffer.wrap(bytes, at, Math.min(piece, bytes.length - at));
            while (from.hasRemaining()) {
                assertThat(dialogue.isOver()).isFalse();
                said.writeBytes(bytes(dialogue.answer(from)));
            }
        }
        return HEX.formatHex(said.toByteArray());
    }

    private static String hex(String text) {
        return HEX.formatHex(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void assertRefused(ProxySettings.Kind kind, String user, String answersInHex, String words) {
        for (int piece : new int[] {1, 3, 100_000}) {
            assertThatThrownBy(() -> said(dialogue(kind, "broker", user, "secret"), answersInHex, piece))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(words)
                    .message()
                    .doesNotContain("secret");
        }
    }

    @Test
    void asksAnHttpProxyForATunnel() throws Exception {
        ProxyDialogue dialogue = dialogue(ProxySettings.Kind.HTTP, "broker.example", null, null);
        assertThat(new String(bytes(dialogue.begin()), StandardCharsets.UTF_8))
                .isEqualTo("CONNECT broker.example:1883 HTTP/1.1\r\nHost: broker.example:1883\r\n\r\n");
        ByteBuffer answer = ByteBuffer.wrap("HTTP/1.0 200 Connection established\r\nContent-Length: 5\r\n\r\nrest"
                .getBytes(StandardCharsets.US_ASCII));
        assertThat(dialogue.answer(answer).hasRemaining()).isFalse();
        assertThat(dialogue.isOver()).isTrue();
        assertThat(answer.remaining()).isEqualTo(4);
    }

    @Test
    void tellsAnHttpProxyItsCredentials() {
        String request = new String(
                bytes(dialogue(ProxySettings.Kind.HTTP, "::1", "me", "pä:ss").begin()), StandardCharsets.UTF_8);
        assertThat(request)
                .contains("CONNECT [::1]:1883 HTTP/1.1\r\n")
                .contains("Proxy-Authorization: Basic "
                        + Base64.getEncoder().encodeToString("me:pä:ss".getBytes(StandardCharsets.UTF_8)) + "\r\n");
    }

    @ParameterizedTest
    @CsvSource({
        "400, does not understand",
        "403, forbids",
        "404, nothing",
        "405, no such request",
        "500, failed",
        "502, cannot be reached",
        "503, not available",
        "504, does not answer",
        "302, redirects elsewhere",
        "101, it refuses"
    })
    void saysInWordsWhyAnHttpProxyRefuses(int status, String words) {
        assertRefused(ProxySettings.Kind.HTTP, null, hex("HTTP/1.1 " + status + " x\r\n\r\n"), words);
    }

    @Test
    void saysWhichCredentialsAnHttpProxyWants() {
        String answer = hex("HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"office\"\r\n\r\n");
        assertRefused(ProxySettings.Kind.HTTP, null, answer, "it wants credentials (HTTP 407, Basic realm=\"office\")");
        assertRefused(ProxySettings.Kind.HTTP, "me", answer, "it does not accept these credentials (HTTP 407");
        assertRefused(
                ProxySettings.Kind.HTTP,
                "me",
                hex("HTTP/1.0 401 Unauthorized\r\n\r\n"),
                "it does not accept these credentials (HTTP 401)");
    }

    @Test
    void refusesOtherThanHttpAndHeadsWithoutEnd() {
        assertRefused(ProxySettings.Kind.HTTP, null, "0502", "does not answer with HTTP");
        assertRefused(
                ProxySettings.Kind.HTTP, null, hex("HTTP/1.1 200 OK\r\n" + "a: b\r\n".repeat(5_000)), "16384 bytes");
    }

    @ParameterizedTest
    @CsvSource({
        "broker, '', 04 01 075b 00000001 00 62726f6b6572 00",
        "10.1.2.3, '', 04 01 075b 0a010203 00",
        "broker, me, 04 01 075b 00000001 6d65 00 62726f6b6572 00"
    })
    void asksASocks4Proxy(String host, String user, String request) throws Exception {
        for (int piece : new int[] {1, 8}) {
            ProxyDialogue dialogue = dialogue(ProxySettings.Kind.SOCKS4, host, user.isEmpty() ? null : user, null);
            assertThat(said(dialogue, "005a010203040506", piece)).isEqualTo(request.replace(" ", ""));
            assertThat(dialogue.isOver()).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "005b, cannot reach the server (SOCKS4 code 91)",
        "005c, identd",
        "005d, another user",
        "0000, SOCKS4 does not have",
        "0500, does not answer as a SOCKS4 proxy",
        "48545450, does not answer as a SOCKS4 proxy"
    })
    void saysInWordsWhyASocks4ProxyRefuses(String answer, String words) {
        assertRefused(ProxySettings.Kind.SOCKS4, null, answer, words);
    }

    @ParameterizedTest
    @CsvSource({
        "broker, 050100 0501 00 03 06 62726f6b6572 075b, 0500 050000 01 7f000001 1234",
        "10.1.2.3, 050100 0501 00 01 0a010203 075b, 0500 050000 03 03 616263 1234",
        "::1, 050100 0501 00 04 00000000000000000000000000000001 075b, 0500 050000 04 00000000000000000000000000000001 1234"
    })
    void asksASocks5Proxy(String host, String request, String answers) throws Exception {
        for (int piece : new int[] {1, 2, 5, 100}) {
            ProxyDialogue dialogue = dialogue(ProxySettings.Kind.SOCKS5, host, null, null);
            assertThat(said(dialogue, answers.replace(" ", ""), piece)).isEqualTo(request.replace(" ", ""));
            assertThat(dialogue.isOver()).isTrue();
        }
    }

    @Test
    void tellsASocks5ProxyItsCredentials() throws Exception {
        String wanted =
                "05020002" + "01" + "02" + hex("me") + "03" + hex("pwd") + "050100" + "03" + "01" + hex("b") + "075b";
        ProxyDialogue dialogue = dialogue(ProxySettings.Kind.SOCKS5, "b", "me", "pwd");
        assertThat(said(dialogue, "0502" + "0100" + "05000001" + "000000000000", 1))
                .isEqualTo(wanted);
        assertThat(dialogue.isOver()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "'', 05ff, it wants credentials",
        "me, 05ff, in another way",
        "'', 0502, not offered",
        "me, 0501, not offered",
        "me, 05020101, does not accept these credentials",
        "me, 05020500, does not answer as a SOCKS5 proxy",
        "'', 0400, does not answer as a SOCKS5 proxy",
        "'', 48545450, does not answer as a SOCKS5 proxy",
        "'', 05000501, it failed (SOCKS5 code 1)",
        "'', 05000502, rules forbid",
        "'', 05000503, network",
        "'', 05000504, cannot reach the server",
        "'', 05000505, refuses its connection",
        "'', 05000506, expired",
        "'', 05000507, cannot connect",
        "'', 05000508, kind of address",
        "'', 050005ff, SOCKS5 does not have (SOCKS5 code 255)",
        "'', 05000500000200, address of unknown kind"
    })
    void saysInWordsWhyASocks5ProxyRefuses(String user, String answers, String words) {
        assertRefused(ProxySettings.Kind.SOCKS5, user.isEmpty() ? null : user, answers, words);
    }

    @Test
    void leavesWhatFollowsTheDialogue() throws Exception {
        ProxyDialogue dialogue = dialogue(ProxySettings.Kind.SOCKS5, "b", null, null);
        ByteBuffer answers = ByteBuffer.wrap(HEX.parseHex("0500" + "05000001000000000000" + "20020000"));
        assertThat(hex(dialogue.begin())).isEqualTo("050100");
        assertThat(hex(dialogue.answer(answers))).isEqualTo("0501000301" + hex("b") + "075b");
        assertThat(hex(dialogue.answer(answers))).isEmpty();
        assertThat(answers.remaining()).isEqualTo(4);
    }

    @Test
    void showsNoCredentials() {
        for (ProxySettings.Kind kind : ProxySettings.Kind.values()) {
            assertThat(proxy(kind, "me", "secret").toString())
                    .contains("proxy.example:3128")
                    .doesNotContain("secret", "me:");
        }
    }

    /** Whatever a proxy says: nothing but an {@link IOException} is thrown, and the dialogue takes a bounded number of bytes. */
    @ParameterizedTest
    @EnumSource(ProxySettings.Kind.class)
    void survivesRandomProxies(ProxySettings.Kind kind) {
        Random random = new Random(7);
        for (int round = 0; round < 20_000; round++) {
            ProxyDialogue dialogue = dialogue(kind, "broker", random.nextBoolean() ? "me" : null, "x");
            dialogue.begin();
            byte[] bytes = new byte[400];
            random.nextBytes(bytes);
            System.arraycopy(HEX.parseHex(kind == ProxySettings.Kind.SOCKS4 ? "005a" : "050005000001"), 0, bytes, 0, 2);
            ByteBuffer from = ByteBuffer.wrap(bytes);
            try {
                while (from.hasRemaining() && !dialogue.isOver()) {
                    dialogue.answer(from);
                }
                assertThat(dialogue.isOver()).isTrue();
            } catch (IOException e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
        }
    }
}
