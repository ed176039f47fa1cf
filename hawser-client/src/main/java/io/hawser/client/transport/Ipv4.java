package io.hawser.client.transport;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** IPv4 addresses in digits, which need no lookup. */
final class Ipv4 {
    private Ipv4() {}

    /** The address, or null if the host is not four numbers up to 255 with dots between them. */
    static @Nullable InetAddress address(String host) {
        byte[] address = new byte[4];
        int at = 0;
        for (int i = 0; i < 4; i++) {
            int number = 0;
            int digits = 0;
            while (at < host.length() && digits < 3 && isDigit(host.charAt(at))) {
                number = 10 * number + host.charAt(at++) - '0';
                digits++;
            }
            boolean ends = i == 3 ? at == host.length() : at < host.length() && host.charAt(at++) == '.';
            if (digits == 0 || number > 255 || !ends) {
                return null;
            }
            address[i] = (byte) number;
        }
        try {
            return InetAddress.getByAddress(address);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
