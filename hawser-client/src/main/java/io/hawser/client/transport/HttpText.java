package io.hawser.client.transport;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Checks and makes the small texts that an HTTP request consists of. */
public final class HttpText {
    private static final String TOKEN = "!#$%&'*+-.^_`|~";

    private HttpText() {}

    /** Whether this may be the name of a header: RFC 9110, section 5.6.2. */
    public static boolean isToken(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            if (!letter && TOKEN.indexOf(c) < 0) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    /** Whether all characters are visible ones of ASCII, or blanks where those are allowed. */
    public static boolean isVisible(String text, boolean blanks) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c > '~' || c < ' ' || c == ' ' && !blanks) {
                return false;
            }
        }
        return true;
    }

    /** Host and port as HTTP has them, an IPv6 address in brackets and without its zone, which means nothing elsewhere. */
    public static String authority(String host, int port) {
        int zone = host.indexOf('%');
        String name = host.indexOf(':') < 0 ? host : "[" + (zone < 0 ? host : host.substring(0, zone)) + "]";
        return port < 0 ? name : name + ":" + port;
    }

    static String basic(String user, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }
}
