/** What tests of an application that uses Hawser need. */
module io.hawser.testing {
    requires transitive io.hawser.core;
    requires transitive org.junit.jupiter.api;
    requires org.assertj.core;
    requires static org.jspecify;

    exports io.hawser.testing;
}
