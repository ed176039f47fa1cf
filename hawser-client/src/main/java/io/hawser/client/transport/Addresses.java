package io.hawser.client.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks the addresses that a program may give: names of hosts, literals, and files of Unix domain sockets. */
public final class Addresses {
    /** As long as a name may be in the DNS, with the dot at its end; SOCKS has room for one more. */
    private static final int MOST_CHARACTERS = 254;

    /** A name as the DNS or a hosts file may have it, underscores included. */
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{M}\\p{N}_.-]+");

    private static final Pattern ZONE = Pattern.compile("[A-Za-z0-9_.-]+");

    /** The longest path of a Unix domain socket that the JDK takes on Linux; other systems have a little less. */
    public static final int MOST_PATH_BYTES = 106;

    private Addresses() {}

    /** Whether this is a name or an address, IPv6 without brackets; it says nothing about whether there is such a host. */
    public static boolean isHost(String host) {
        return host.length() <= MOST_CHARACTERS
                && (host.indexOf(':') >= 0 ? isIpv6(host) : NAME.matcher(host).matches());
    }

    private static boolean isIpv6(String host) {
        int zone = host.indexOf('%');
        if (zone >= 0 && !ZONE.matcher(host.substring(zone + 1)).matches()) {
            return false;
        }
        try {
            // In brackets it is an address or a mistake, and nothing is looked up.
            InetAddress unused = InetAddress.getByName("[" + (zone < 0 ? host : host.substring(0, zone)) + "]");
            return true;
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /**
     * Looks at a file, so that a mistake gets better words than the system has. May block.
     *
     * @throws IOException if the file is no socket, or none that this process may use, saying why
     */
    static void requireSocket(Path file) throws IOException {
        int bytes = file.toString().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MOST_PATH_BYTES) {
            throw new IOException("path too long: " + bytes + " bytes, must be at most " + MOST_PATH_BYTES);
        }
        BasicFileAttributes attributes;
        try {
            attributes = Files.readAttributes(file, BasicFileAttributes.class);
        } catch (NoSuchFileException e) {
            // Only some versions of the JDK tell this apart.
            Path parent = file.getParent();
            boolean below = parent != null && Files.exists(parent) && !Files.isDirectory(parent);
            throw told(below ? "Not a directory" : "there is no such file", e);
        } catch (AccessDeniedException e) {
            throw told("this process may not look into its directory (permission denied)", e);
        } catch (FileSystemException e) {
            throw told(e.getReason() == null ? "the file cannot be looked at" : e.getReason(), e);
        }
        if (!attributes.isOther()) {
            throw new IOException(
                    attributes.isDirectory() ? "it is a directory, no socket" : "it is a regular file, no socket");
        }
        if (!Files.isWritable(file)) {
            throw new IOException("this process may not write to the socket (permission denied)");
        }
    }

    private static IOException told(String words, IOException cause) {
        return new IOException(words, cause);
    }

    /** The address in digits, which needs no lookup, or null if the host is not four numbers up to 255 with dots between them. */
    static @Nullable InetAddress ipv4(String host) {
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
