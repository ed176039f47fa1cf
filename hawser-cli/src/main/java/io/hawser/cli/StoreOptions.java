package io.hawser.cli;

import io.hawser.client.MqttBuilder;
import io.hawser.store.SessionStore.Durability;
import io.hawser.store.file.FileSessionStore;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Where the session survives this process: the options that {@code pub} and {@code sub} share. */
final class StoreOptions {
    @Option(
            names = "--store",
            paramLabel = "DIR",
            description =
                    "Keep the session in files in this directory, where the next run finds it. Needs -i; includes -c.")
    @Nullable
    Path directory;

    @Option(
            names = "--durability",
            paramLabel = "PROMISE",
            converter = Promise.class,
            completionCandidates = Candidates.Promises.class,
            description =
                    "With --store, what a message that it has accepted survives: process (the end of this process;"
                            + " default), power (a power cut), lazy (neither; up to a second is lost).")
    @Nullable
    Durability durability;

    boolean given() {
        return directory != null;
    }

    /**
     * Makes the session a kept one. Before {@link SessionOptions#check}.
     *
     * @throws IllegalArgumentException if options contradict each other
     */
    void check(SessionOptions session) {
        if (directory == null) {
            if (durability != null) {
                throw new IllegalArgumentException("--durability needs --store.");
            }
            return;
        }
        if (session.id == null) {
            throw new IllegalArgumentException("--store needs -i, a client id that is the same every time.");
        }
        session.keepSession = true;
    }

    /** Keeps the session in memory no longer, but in the store, if there is one. After {@link SessionOptions#applyTo}. */
    void applyTo(MqttBuilder<?, ?> builder, SessionOptions session) {
        FileSessionStore store = store();
        if (store != null) {
            builder.session(store, session.keptFor());
        }
    }

    private @Nullable FileSessionStore store() {
        if (directory == null) {
            return null;
        }
        FileSessionStore store = FileSessionStore.at(directory);
        return durability == null ? store : store.durability(durability);
    }

    /** In words of the command line. */
    static final class Promise implements ITypeConverter<Durability> {
        @Override
        public Durability convert(String value) {
            return switch (value.toLowerCase(Locale.ROOT)) {
                case "process" -> Durability.PROCESS;
                case "power" -> Durability.POWER;
                case "lazy" -> Durability.LAZY;
                default ->
                    throw new TypeConversionException(
                            "Invalid durability '" + value + "', must be process, power or lazy.");
            };
        }
    }
}
