package io.hawser.cli;

import io.hawser.mqtt.Message;
import io.hawser.text.Utf8;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What {@code hawser respond} answers. */
@FunctionalInterface
interface Replies {
    /**
     * The reply to a request; only its payload and attributes count.
     *
     * @throws IOException with a text for the user, if there is none
     */
    Message to(Message request) throws IOException;

    static Replies always(byte[] payload) {
        return request -> Message.of(request.topicName(), payload);
    }

    static Replies echo() {
        return request -> {
            Message reply = Message.of(request.topicName(), request.payloadBytes());
            String contentType = request.contentType();
            return contentType == null ? reply : reply.contentType(contentType);
        };
    }

    /** Runs a command for each request; nothing that a request says gets into its text. */
    static Replies ofCommand(String command) {
        boolean windows = System.getProperty("os.name", "").startsWith("Windows");
        List<String> words = windows ? List.of("cmd.exe", "/c", command) : List.of("sh", "-c", command);
        return request -> {
            ProcessBuilder builder = new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT);
            builder.environment().put("HAWSER_TOPIC", request.topic());
            Process process = builder.start();
            try {
                return Message.of(request.topicName(), outputOf(process, request));
            } finally {
                process.descendants().forEach(ProcessHandle::destroy);
                process.destroy();
            }
        };
    }

    private static byte[] outputOf(Process process, Message request) throws IOException {
        // Beside reading, since a command may answer before it has read everything.
        CompletableFuture<Void> unused = CompletableFuture.runAsync(() -> {
            try (OutputStream in = process.getOutputStream()) {
                in.write(request.payloadBytes());
            } catch (IOException e) {
                // It need not read its input, and its exit code tells whether it missed any.
            }
        });
        byte[] output;
        try (InputStream out = process.getInputStream()) {
            output = out.readNBytes(Message.MAXIMUM_PAYLOAD + 1);
        }
        if (output.length > Message.MAXIMUM_PAYLOAD) {
            throw new IOException("the command printed more than " + Message.MAXIMUM_PAYLOAD + " bytes");
        }
        try {
            int code = process.waitFor();
            if (code != 0) {
                throw new IOException("the command exited with " + code + " on a request to '"
                        + Utf8.printable(request.topic()) + "'");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        return output;
    }
}
