package io.hawser.client.transport;

import io.hawser.text.Utf8;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The secrets that a program has given to a road: values of headers, the query of a path, credentials for a proxy. Servers and
 * proxies may repeat it in what they say, and that goes to exceptions and logs: here it is left out.
 */
final class Secrets {
    /** Nothing is secret. */
    static final Secrets NONE = new Secrets(List.of());

    private static final String CUT = "…";
    /** So much of what a peer says is shown. */
    private static final int SHOWN = 200;
    /** A shorter secret is a part of ordinary words: it is left out only where it stands alone. */
    private static final int LONG = 4;

    private static final String ALONE_BEFORE = "(?<![A-Za-z0-9])";
    private static final String ALONE_BEHIND = "(?![A-Za-z0-9])";

    private final List<Pattern> patterns;

    private Secrets(Iterable<String> texts) {
        TreeSet<String> longestFirst =
                new TreeSet<>(Comparator.comparingInt(String::length).reversed().thenComparing(String::compareTo));
        texts.forEach(longestFirst::add);
        List<Pattern> all = new ArrayList<>();
        for (String text : longestFirst) {
            String quoted = Pattern.quote(text);
            if (!text.isBlank()) {
                all.add(Pattern.compile(text.length() < LONG ? ALONE_BEFORE + quoted + ALONE_BEHIND : quoted));
            }
        }
        patterns = all;
    }

    /** All secrets on the way to the target. */
    static Secrets of(Target target) {
        List<String> texts = new ArrayList<>();
        WebSocketSettings webSocket = target.webSocket();
        if (webSocket != null) {
            for (Map.Entry<String, String> header : webSocket.headers()) {
                // A value such as "Bearer …" and its parts: a server may repeat the last one only.
                texts.add(header.getValue());
                texts.addAll(List.of(header.getValue().split("[ ,;=]+")));
            }
            addQuery(texts, webSocket.path());
        }
        ProxySettings proxy = target.proxy();
        if (proxy != null) {
            addCredentials(texts, proxy.user(), proxy.password());
        }
        return texts.isEmpty() ? NONE : new Secrets(texts);
    }

    private static void addQuery(List<String> texts, String path) {
        int query = path.indexOf('?');
        if (query < 0) {
            return;
        }
        for (String part : path.substring(query + 1).split("&", -1)) {
            String value = part.substring(part.indexOf('=') + 1);
            texts.add(value);
            try {
                texts.add(URLDecoder.decode(value, StandardCharsets.UTF_8));
            } catch (IllegalArgumentException e) {
                // It is no encoding, and known as it stands.
            }
        }
    }

    private static void addCredentials(List<String> texts, @Nullable String user, @Nullable String password) {
        if (user != null) {
            String secret = password == null ? "" : password;
            texts.add(secret);
            texts.add(HttpText.basic(user, secret).substring("Basic ".length()));
        }
    }

    private String without(String text) {
        String masked = text;
        for (Pattern pattern : patterns) {
            masked = pattern.matcher(masked).replaceAll(CUT);
        }
        return masked;
    }

    /** Text of the peer, without what is secret, made safe and short. */
    String shown(String text) {
        String masked = without(text);
        return Utf8.printable(masked.length() <= SHOWN ? masked : masked.substring(0, SHOWN) + CUT);
    }
}
