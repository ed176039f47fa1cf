package io.hawser.client.transport;

import io.hawser.text.Utf8;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Hashtable;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import javax.naming.Context;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.directory.InitialDirContext;
import org.jspecify.annotations.Nullable;

/** Where a domain has its brokers, as the DNS tells (SRV, RFC 2782), asked by way of the JDK's naming. */
final class Services {
    private static final String PLAIN = "_mqtt._tcp.";
    /** As registered with IANA. */
    private static final String OVER_TLS = "_secure-mqtt._tcp.";

    /** How long each server of the DNS is waited for at first, and how often it is asked, each time for twice as long. */
    private static final String TIMEOUT_MILLIS = "1000";

    private static final String TRIES = "3";
    /** More are no list of brokers. */
    private static final int MOST = 32;

    /** The names that may be said to a proxy, and looked up: letters, digits, hyphens and underscores, or nothing. */
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9_.-]{0,253}");

    private Services() {}

    /** A broker; one of the lowest priority comes first, and among equals one of a greater weight is chosen more often. */
    record Broker(int priority, int weight, int port, String host) {
        static Broker parse(String text) throws NamingException {
            String[] parts = text.trim().split(" ", -1);
            if (parts.length != 4) {
                throw new NamingException("is no SRV record: " + Utf8.printable(text));
            }
            String host = withoutDot(parts[3]);
            if (!HOST.matcher(host).matches()) {
                throw new NamingException("names no host: " + Utf8.printable(host));
            }
            return new Broker(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2]), host);
        }
    }

    /**
     * Asks for the brokers of a domain. May block.
     *
     * @param dns the servers to ask, as a URL of the JDK's naming: {@code dns:} for the system's
     * @throws UnknownHostException if there are none, saying what was asked for
     */
    static List<Broker> lookup(String dns, String domain, boolean tls) throws UnknownHostException {
        String name = (tls ? OVER_TLS : PLAIN) + domain;
        List<Broker> found;
        try {
            found = ask(dns, name);
        } catch (NamingException | NumberFormatException e) {
            throw unknown("the DNS tells of no broker at " + name + ": " + e.getMessage(), e);
        } catch (NoClassDefFoundError e) {
            throw unknown("this Java runtime has no module java.naming, which asks the DNS for SRV records", e);
        }
        // A host of "." says that the domain has no broker.
        found.removeIf(record -> record.host.isEmpty() || record.port == 0);
        if (found.isEmpty()) {
            throw unknown("the DNS tells of no broker at " + name, null);
        }
        return found;
    }

    private static UnknownHostException unknown(String words, @Nullable Throwable cause) {
        UnknownHostException unknown = new UnknownHostException(words);
        unknown.initCause(cause);
        return unknown;
    }

    // The naming of the DNS has no objects that could be deserialized, only texts; and it is the JDK that wants a
    // Hashtable.
    @SuppressWarnings({"BanJNDI", "JdkObsolete"})
    private static List<Broker> ask(String dns, String name) throws NamingException {
        Hashtable<String, String> environment = new Hashtable<>();
        environment.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.dns.DnsContextFactory");
        environment.put(Context.PROVIDER_URL, dns);
        environment.put("com.sun.jndi.dns.timeout.initial", TIMEOUT_MILLIS);
        environment.put("com.sun.jndi.dns.timeout.retries", TRIES);
        InitialDirContext context = new InitialDirContext(environment);
        try {
            Attribute records =
                    context.getAttributes(name, new String[] {"SRV"}).get("SRV");
            List<Broker> found = new ArrayList<>();
            NamingException odd = null;
            NamingEnumeration<?> all = records == null ? null : records.getAll();
            while (all != null && all.hasMore() && found.size() < MOST) {
                try {
                    found.add(Broker.parse(String.valueOf(all.next())));
                } catch (NamingException | NumberFormatException e) {
                    // The others are no worse for it.
                    odd = e instanceof NamingException known ? known : new NamingException(e.getMessage());
                }
            }
            if (found.isEmpty() && odd != null) {
                throw odd;
            }
            return found;
        } finally {
            context.close();
        }
    }

    /** The order in which to try them: by priority, and among equals by chance, as their weights say. */
    static List<Broker> inOrder(List<Broker> records, RandomGenerator random) {
        List<Broker> left = new ArrayList<>(records);
        left.sort(Comparator.comparingInt(Broker::priority).thenComparingInt(Broker::weight));
        List<Broker> order = new ArrayList<>();
        while (!left.isEmpty()) {
            int priority = left.get(0).priority;
            List<Broker> equals =
                    left.stream().filter(each -> each.priority == priority).toList();
            int draw = random.nextInt(equals.stream().mapToInt(Broker::weight).sum() + 1);
            int sum = 0;
            for (Broker each : equals) {
                sum += each.weight;
                if (sum >= draw) {
                    left.remove(each);
                    order.add(each);
                    break;
                }
            }
        }
        return order;
    }

    /**
     * Whether a broker is the domain that named it or within it, so that its certificate proves something: DNS answers may be forged.
     * A neighbour under the same parent does not count, for the parent may be everybody's, as {@code co.uk} is.
     */
    static boolean isOf(String domain, String host) {
        String within = withoutDot(domain).toLowerCase(Locale.ROOT);
        String name = withoutDot(host).toLowerCase(Locale.ROOT);
        return name.equals(within) || name.endsWith("." + within);
    }

    private static String withoutDot(String name) {
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }
}
