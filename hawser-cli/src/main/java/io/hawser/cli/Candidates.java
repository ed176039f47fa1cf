package io.hawser.cli;

import java.util.Iterator;
import java.util.List;

/** The words that an option takes, where there are few: what shells offer. */
abstract class Candidates implements Iterable<String> {
    private final List<String> words;

    private Candidates(String... words) {
        this.words = List.of(words);
    }

    @Override
    public Iterator<String> iterator() {
        return words.iterator();
    }

    /** Of {@code -q}. */
    static final class QosLevels extends Candidates {
        QosLevels() {
            super("0", "1", "2");
        }
    }

    /** Of {@code -V}. */
    static final class Versions extends Candidates {
        Versions() {
            super("mqttv5", "mqttv311", "mqttv31");
        }
    }

    /** Of {@code --durability}. */
    static final class Promises extends Candidates {
        Promises() {
            super("process", "power", "lazy");
        }
    }

    /** Of {@code --encode} and {@code --decode}. */
    static final class Encodings extends Candidates {
        Encodings() {
            super("hex", "base64");
        }
    }

    /** Of {@code --retain-handling}. */
    static final class RetainHandlings extends Candidates {
        RetainHandlings() {
            super("always", "new", "never");
        }
    }

    /** Of {@code --keyform}. */
    static final class KeyForms extends Candidates {
        KeyForms() {
            super("pem", "pkcs12");
        }
    }

    /** Of {@code --tls-version}. */
    static final class TlsVersions extends Candidates {
        TlsVersions() {
            super("tlsv1.2", "tlsv1.3");
        }
    }

    /** Of {@code completion}. */
    static final class Shells extends Candidates {
        Shells() {
            super("bash", "zsh", "fish");
        }
    }
}
