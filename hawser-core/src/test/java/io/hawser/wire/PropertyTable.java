package io.hawser.wire;

import static io.hawser.wire.Frame.AUTH;
import static io.hawser.wire.Frame.CONNACK;
import static io.hawser.wire.Frame.CONNECT;
import static io.hawser.wire.Frame.DISCONNECT;
import static io.hawser.wire.Frame.PUBLISH;
import static io.hawser.wire.Frame.SUBSCRIBE;
import static io.hawser.wire.Frame.WILL;

import java.util.HexFormat;
import java.util.List;

/** The properties as the standard has them in section 2.2.2.2 and the sections of the packets. */
final class PropertyTable {
    private static final List<Frame> ANY =
            List.of(Frame.ALL).stream().filter(frame -> frame != WILL).toList();
    private static final List<Frame> ANSWERS = ANY.stream()
            .filter(frame ->
                    !List.of(CONNECT, PUBLISH, SUBSCRIBE, Frame.UNSUBSCRIBE).contains(frame))
            .toList();

    /**
     * One property.
     *
     * @param hex identifier and a legal value
     * @param value that value, as {@link Properties} takes it
     * @param illegal values of the right type that are not allowed
     */
    record Row(Property property, String hex, Object value, List<Frame> frames, String... illegal) {
        int identifier() {
            return HexFormat.fromHexDigits(hex.substring(0, 2));
        }

        Properties addTo(Properties properties) {
            return value instanceof Long number
                    ? properties.with(property, number)
                    : value instanceof byte[] data
                            ? properties.with(property, data)
                            : properties.with(property, (String) value);
        }
    }

    private PropertyTable() {}

    /** All but the user property. */
    static List<Row> rows() {
        List<Frame> published = List.of(PUBLISH, WILL);
        List<Frame> opening = List.of(CONNECT, CONNACK);
        return List.of(
                row(Property.PAYLOAD_FORMAT_INDICATOR, "01 01", 1L, published, "02", "ff"),
                row(Property.MESSAGE_EXPIRY_INTERVAL, "02 ffffffff", 0xFFFF_FFFFL, published),
                row(Property.CONTENT_TYPE, "03 0002 c3a9", "é", published),
                row(Property.RESPONSE_TOPIC, "08 0003 612f62", "a/b", published),
                row(Property.CORRELATION_DATA, "09 0002 00ff", new byte[] {0, -1}, published),
                row(Property.SUBSCRIPTION_IDENTIFIER, "0b ffffff7f", 268_435_455L, List.of(PUBLISH, SUBSCRIBE), "00"),
                row(
                        Property.SESSION_EXPIRY_INTERVAL,
                        "11 80000000",
                        0x8000_0000L,
                        List.of(CONNECT, CONNACK, DISCONNECT)),
                row(Property.ASSIGNED_CLIENT_IDENTIFIER, "12 0001 63", "c", List.of(CONNACK)),
                row(Property.SERVER_KEEP_ALIVE, "13 ffff", 65_535L, List.of(CONNACK)),
                row(Property.AUTHENTICATION_METHOD, "15 0001 6d", "m", List.of(CONNECT, CONNACK, AUTH)),
                row(Property.AUTHENTICATION_DATA, "16 0001 80", new byte[] {-128}, List.of(CONNECT, CONNACK, AUTH)),
                row(Property.REQUEST_PROBLEM_INFORMATION, "17 00", 0L, List.of(CONNECT), "02"),
                row(Property.WILL_DELAY_INTERVAL, "18 ffffffff", 0xFFFF_FFFFL, List.of(WILL)),
                row(Property.REQUEST_RESPONSE_INFORMATION, "19 01", 1L, List.of(CONNECT), "02"),
                row(Property.RESPONSE_INFORMATION, "1a 0001 72", "r", List.of(CONNACK)),
                row(Property.SERVER_REFERENCE, "1c 0001 73", "s", List.of(CONNACK, DISCONNECT)),
                row(Property.REASON_STRING, "1f 0000", "", ANSWERS),
                row(Property.RECEIVE_MAXIMUM, "21 0001", 1L, opening, "0000"),
                row(Property.TOPIC_ALIAS_MAXIMUM, "22 ffff", 65_535L, opening),
                row(Property.TOPIC_ALIAS, "23 0001", 1L, List.of(PUBLISH), "0000"),
                row(Property.MAXIMUM_QOS, "24 01", 1L, List.of(CONNACK), "02"),
                row(Property.RETAIN_AVAILABLE, "25 00", 0L, List.of(CONNACK), "02"),
                row(Property.MAXIMUM_PACKET_SIZE, "27 ffffffff", 0xFFFF_FFFFL, opening, "00000000"),
                row(Property.WILDCARD_SUBSCRIPTION_AVAILABLE, "28 01", 1L, List.of(CONNACK), "02"),
                row(Property.SUBSCRIPTION_IDENTIFIER_AVAILABLE, "29 00", 0L, List.of(CONNACK), "02"),
                row(Property.SHARED_SUBSCRIPTION_AVAILABLE, "2a 01", 1L, List.of(CONNACK), "80"));
    }

    private static Row row(Property property, String hex, Object value, List<Frame> frames, String... illegal) {
        return new Row(property, hex, value, frames, illegal);
    }

    /** What must stand before this property in this packet for the packet to be legal. */
    static String method(Frame frame, Property property) {
        boolean needed = frame == AUTH || property == Property.AUTHENTICATION_DATA;
        return needed && property != Property.AUTHENTICATION_METHOD ? "15 0001 6d" : "";
    }
}
