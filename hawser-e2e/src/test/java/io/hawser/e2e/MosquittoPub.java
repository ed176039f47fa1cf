package io.hawser.e2e;

import java.util.ArrayList;
import java.util.List;

/** Runs mosquitto_pub. */
final class MosquittoPub {
    private MosquittoPub() {}

    /** Publishes to the broker as the options say, to the end. */
    static void run(int port, String... options) {
        List<String> command = new ArrayList<>(
                List.of(Mosquitto.executable("mosquitto_pub"), "-h", "127.0.0.1", "-p", Integer.toString(port)));
        command.addAll(List.of(options));
        Programs.run(command.toArray(new String[0]));
    }
}
