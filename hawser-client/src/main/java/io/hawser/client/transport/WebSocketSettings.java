package io.hawser.client.transport;

import java.util.List;
import java.util.Map;

/**
 * What the request for a WebSocket says.
 *
 * @param path path and query, beginning with a slash; empty until it is known
 * @param headers names and values beside those that the protocol itself needs
 * @param subprotocols offered, the preferred one first; the server must choose one of them; empty until they are known
 * @param forReferences whether a server that a broker refers to is told the headers and the query as well
 */
public record WebSocketSettings(
        String path, List<Map.Entry<String, String>> headers, List<String> subprotocols, boolean forReferences) {
    /** Nothing is asked for beyond what an attempt needs. */
    public static final WebSocketSettings STANDARD = new WebSocketSettings("", List.of(), List.of());

    /** For the servers that the program names. */
    public WebSocketSettings(String path, List<Map.Entry<String, String>> headers, List<String> subprotocols) {
        this(path, headers, subprotocols, false);
    }

    public WebSocketSettings {
        headers = List.copyOf(headers);
        subprotocols = List.copyOf(subprotocols);
    }

    /** These, with what an attempt uses where nothing is said. */
    public WebSocketSettings orElse(String defaultPath, List<String> defaultSubprotocols) {
        return new WebSocketSettings(
                path.isEmpty() ? defaultPath : path,
                headers,
                subprotocols.isEmpty() ? defaultSubprotocols : subprotocols,
                forReferences);
    }

    /** The settings that another host may know, to which a broker refers: no headers and no query, unless the program says so. */
    public WebSocketSettings elsewhere() {
        int query = path.indexOf('?');
        return forReferences
                ? this
                : new WebSocketSettings(query < 0 ? path : path.substring(0, query), List.of(), subprotocols);
    }

    /** Neither a query nor the values of headers: both may be secret. */
    @Override
    public String toString() {
        int query = path.indexOf('?');
        return "WebSocket " + (query < 0 ? path : path.substring(0, query) + "?…") + ", headers "
                + headers.stream().map(Map.Entry::getKey).toList() + ", subprotocols " + subprotocols;
    }
}
