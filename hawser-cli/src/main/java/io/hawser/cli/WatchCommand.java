package io.hawser.cli;

import io.hawser.client.ClientBuilder;
import io.hawser.client.MqttSubscriber;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.Display;
import org.jline.utils.InfoCmp.Capability;
import org.jline.utils.NonBlockingReader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code hawser watch}: a live view of topics in the terminal. */
@Command(
        name = "watch",
        sortOptions = false,
        customSynopsis =
                "hawser watch [-h HOST] [-p PORT] [-t FILTER]... [OPTIONS]%n   or: hawser watch -L URL [OPTIONS]",
        description = {
            "Show topics as a tree, with last values, rates and retained marks.",
            "",
            "What is typed filters: a part of the topic, or a topic filter with + and #. Up and Down choose a line, Left and Right"
                    + " fold and unfold what is below it, Enter shows its whole message. Esc clears the filter; with no filter,"
                    + " and with Ctrl-C, it ends."
        },
        footer = {"", "Exit code: 0; the CONNACK code if the broker refused the connection; else 1."})
final class WatchCommand implements Callable<Integer> {
    /** How often the screen is drawn anew; keys are answered at once. */
    private static final int DRAW_MILLIS = 200;
    /** How long the rest of a key may take to come that sends several characters. */
    private static final int KEY_MILLIS = 50;

    @Option(
            names = {"-t", "--topic"},
            paramLabel = "FILTER",
            converter = SubCommand.Filter.class,
            description = "Topic filter to subscribe to (default: #); may be repeated.")
    List<TopicFilter> filters = new ArrayList<>();

    @Option(
            names = {"-q", "--qos"},
            paramLabel = "0|1|2",
            converter = SessionOptions.QosLevel.class,
            completionCandidates = Candidates.QosLevels.class,
            defaultValue = "0",
            description = "Highest QoS at which messages are to come (default: 0).")
    Qos qos = Qos.AT_MOST_ONCE;

    @Mixin
    ServerOptions server = new ServerOptions();

    @Mixin
    SessionOptions session = new SessionOptions();

    @Option(names = "--help", usageHelp = true, description = "Print this help.")
    boolean help;

    private final TopicView view = new TopicView();
    private volatile @Nullable String trouble;
    private volatile boolean ended;

    @Override
    public Integer call() throws IOException {
        check();
        Terminal terminal = TerminalBuilder.builder().system(true).dumb(true).build();
        if (terminal.getType().startsWith(Terminal.TYPE_DUMB)) {
            throw new IllegalArgumentException(
                    "hawser watch needs a terminal; hawser sub --watch or hawser sub -v does without.");
        }
        try (MqttSubscriber subscriber = subscriber()) {
            CompletableFuture<?> unused = subscriber.connectAsync().exceptionally(e -> {
                trouble = Failure.ofConnect(new CompletionException(e)).text();
                return null;
            });
            show(terminal, subscriber);
        }
        return 0;
    }

    private void check() {
        server.check();
        session.check(server);
        if (server.url != null && server.url.topic() != null) {
            filters.add(TopicFilter.of(server.url.topic()));
        }
        if (filters.isEmpty()) {
            filters.add(TopicFilter.of("#"));
        }
    }

    private MqttSubscriber subscriber() {
        ClientBuilder<MqttSubscriber> builder = MqttSubscriber.builder(server.server());
        server.applyTo(builder);
        session.applyTo(builder);
        for (TopicFilter filter : filters) {
            builder.subscription(
                    session.properties.on(new Subscription(filter, qos)),
                    delivery -> view.received(delivery.message(), System.nanoTime()));
        }
        return builder.onEvent(this::hear).build();
    }

    private void hear(ConnectionEvent event) {
        if (event instanceof ConnectionEvent.Ready) {
            trouble = null;
        } else if (event instanceof ConnectionEvent.ReconnectScheduled waiting) {
            trouble = String.valueOf(waiting.cause().getMessage());
        } else if (event instanceof ConnectionEvent.SubscriptionRefused refused) {
            trouble = refused.cause().getMessage();
        }
    }

    private String state(MqttSubscriber subscriber) {
        String what = trouble;
        ConnectionState state = subscriber.state();
        return what != null ? what : state == ConnectionState.READY ? "connected" : "connecting";
    }

    private void show(Terminal terminal, MqttSubscriber subscriber) throws IOException {
        Attributes before = terminal.enterRawMode();
        Thread restore = new Thread(() -> leave(terminal, before), "terminal");
        Runtime.getRuntime().addShutdownHook(restore);
        terminal.handle(Terminal.Signal.INT, signal -> ended = true);
        terminal.puts(Capability.enter_ca_mode);
        terminal.puts(Capability.keypad_xmit);
        terminal.puts(Capability.cursor_invisible);
        try {
            WatchScreen screen = new WatchScreen(view, server.shown());
            Display display = new Display(terminal, true);
            Size shownAt = Size.of(0, 0);
            while (!ended) {
                Size size = terminal.getSize();
                if (!size.equals(shownAt)) {
                    display.clear();
                    display.resize(size);
                    shownAt = size;
                }
                display.update(
                        screen.lines(size.getColumns(), size.getRows(), state(subscriber), System.nanoTime()), -1);
                ended |= takeKeys(terminal.reader(), screen);
            }
        } finally {
            leave(terminal, before);
            Runtime.getRuntime().removeShutdownHook(restore);
        }
    }

    private static void leave(Terminal terminal, Attributes before) {
        terminal.puts(Capability.cursor_visible);
        terminal.puts(Capability.keypad_local);
        terminal.puts(Capability.exit_ca_mode);
        terminal.flush();
        terminal.setAttributes(before);
    }

    /** Waits for a key, no longer than until it is time to draw; takes all that are there. Returns whether to end. */
    static boolean takeKeys(NonBlockingReader keys, WatchScreen screen) throws IOException {
        int first = keys.read(DRAW_MILLIS);
        while (first >= 0) {
            if (take(first, keys, screen)) {
                return true;
            }
            first = keys.peek(1) >= 0 ? keys.read(1) : NonBlockingReader.READ_EXPIRED;
        }
        return first == NonBlockingReader.EOF;
    }

    private static boolean take(int c, NonBlockingReader keys, WatchScreen screen) throws IOException {
        switch (c) {
            case 3, 4 -> {
                return true;
            }
            case '\r', '\n' -> screen.pressed(WatchScreen.Key.ENTER);
            case 8, 127 -> screen.pressed(WatchScreen.Key.BACKSPACE);
            case 27 -> {
                WatchScreen.Key key = key(keys);
                return key != null && screen.pressed(key);
            }
            default -> {
                if (Character.isHighSurrogate((char) c)) {
                    screen.typed(Character.toCodePoint((char) c, (char) keys.read(KEY_MILLIS)));
                } else if (c >= ' ') {
                    screen.typed(c);
                }
            }
        }
        return false;
    }

    /** The rest of an escape: nothing, or a sequence of ECMA-48 such as {@code [A} and {@code [5~}. Null if it is unknown. */
    private static WatchScreen.@Nullable Key key(NonBlockingReader keys) throws IOException {
        int next = keys.read(KEY_MILLIS);
        if (next != '[' && next != 'O') {
            return WatchScreen.Key.ESCAPE;
        }
        StringBuilder sequence = new StringBuilder();
        for (int c = keys.read(KEY_MILLIS); c >= 0; c = keys.read(KEY_MILLIS)) {
            sequence.append((char) c);
            if (c >= '@' && c <= '~') {
                break;
            }
        }
        return switch (sequence.toString()) {
            case "A" -> WatchScreen.Key.UP;
            case "B" -> WatchScreen.Key.DOWN;
            case "C" -> WatchScreen.Key.RIGHT;
            case "D" -> WatchScreen.Key.LEFT;
            case "5~" -> WatchScreen.Key.PAGE_UP;
            case "6~" -> WatchScreen.Key.PAGE_DOWN;
            case "H", "1~" -> WatchScreen.Key.HOME;
            case "F", "4~" -> WatchScreen.Key.END;
            default -> null;
        };
    }
}
