package io.hawser.client.transport;

import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Hashtable;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
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

    private Services() {}

    /** A broker; one of the lowest priority comes first, and among equals one of a greater weight is chosen more often. */
    record Broker(int priority, int weight, int port, String host) {
        static Broker parse(String text) throws NamingException {
            String[] parts = text.trim().split(" ", -1);
            if (parts.length != 4) {
                throw new NamingException("is no SRV record: " + text);
            }
            String host = parts[3].endsWith(".") ? parts[3].substring(0, parts[3].length() - 1) : parts[3];
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
            NamingEnumeration<?> all = records == null ? null : records.getAll();
            while (all != null && all.hasMore() && found.size() < MOST) {
                found.add(Broker.parse(String.valueOf(all.next())));
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
     * Whether a broker is of the domain that named it, so that its certificate proves something: DNS answers may be forged. The parent domain counts
     * for a domain of three labels and more.
     */
    static boolean isOf(String domain, String host) {
        String[] labels = domain.split("\\.", -1);
        String parent = labels.length > 2 ? domain.substring(domain.indexOf('.') + 1) : domain;
        return host.equalsIgnoreCase(domain)
                || host.toLowerCase(Locale.ROOT).endsWith("." + parent.toLowerCase(Locale.ROOT));
    }
}
