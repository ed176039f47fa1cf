package io.hawser.client.transport;

import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A tunnel through an HTTP proxy: RFC 9110, section 9.3.6, with the Basic credentials of RFC 7617. */
final class HttpConnect implements ProxyDialogue {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final HttpHead head;
    private final ByteBuffer request;
    private final boolean identified;
    private boolean over;

    HttpConnect(String host, int port, @Nullable String user, @Nullable String password, Secrets secrets) {
        head = new HttpHead(secrets);
        String authority = HttpText.authority(host, port);
        identified = user != null;
        String credentials = user == null
                ? ""
                : "Proxy-Authorization: " + HttpText.basic(user, password == null ? "" : password) + "\r\n";
        String text = "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n" + credentials + "\r\n";
        request = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public ByteBuffer begin() {
        return request;
    }

    @Override
    public ByteBuffer answer(ByteBuffer from) throws ProtocolException {
        if (head.read(from)) {
            // Of wrong credentials, tinyproxy says 401.
            if (head.status() == 407 || identified && head.status() == 401) {
                throw new ProtocolException(
                        (identified ? "it does not accept these credentials (" : "it wants credentials (") + said()
                                + ")");
            }
            if (head.status() < 200 || head.status() >= 300) {
                throw new ProtocolException(head.words());
            }
            over = true;
        }
        return NOTHING;
    }

    private String said() {
        String wanted = head.header("Proxy-Authenticate");
        return "HTTP " + head.status() + (wanted == null ? "" : ", " + head.shown(wanted));
    }

    @Override
    public boolean isOver() {
        return over;
    }
}
