package io.hawser.text;

/** URLs, and texts that were meant to be URLs, without what may be secret in them. */
public final class Urls {
    private static final String CUT = "…";

    private Urls() {}

    /**
     * {@code url} made safe for a log line or an error: without the text between the scheme and the last {@code @},
     * without query and fragment, and without a port that is not a number, which may be a password whose host was
     * forgotten. A text without a scheme may begin with a secret, too.
     */
    public static String withoutSecrets(String url) {
        int scheme = schemeLength(url);
        String rest = url.substring(scheme);
        int at = rest.lastIndexOf('@');
        int query = firstOf(rest, "?#");
        StringBuilder out = new StringBuilder(url.substring(0, scheme));
        if (at >= 0) {
            out.append(CUT);
            if (query < at) {
                // Either the password has the question mark, or the query has the @: then a secret may follow it.
                return Utf8.printable(out.toString());
            }
            out.append('@');
        }
        out.append(withoutOddPort(rest.substring(at + 1, query)));
        return Utf8.printable(out.append(query < rest.length() ? rest.charAt(query) + CUT : "")
                .toString());
    }

    /** The length of the scheme with its {@code ://}; 0 if the text does not begin with one. */
    private static int schemeLength(String url) {
        int end = url.indexOf("://");
        for (int i = 0; i < end; i++) {
            char c = url.charAt(i);
            boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
            if (!letter && (i == 0 || !(c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.'))) {
                return 0;
            }
        }
        return end < 1 ? 0 : end + 3;
    }

    private static int firstOf(String text, String characters) {
        int i = 0;
        while (i < text.length() && characters.indexOf(text.charAt(i)) < 0) {
            i++;
        }
        return i;
    }

    private static String withoutOddPort(String rest) {
        int colon = rest.indexOf(':');
        int end = firstOf(rest, "/");
        if (rest.startsWith("[") || colon < 0 || colon > end) {
            return rest;
        }
        String port = rest.substring(colon + 1, end);
        boolean number = port.chars().allMatch(c -> c >= '0' && c <= '9');
        return number ? rest : rest.substring(0, colon + 1) + CUT;
    }
}
