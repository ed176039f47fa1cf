package io.hawser.wire;

import io.hawser.mqtt.UserProperty;
import io.hawser.text.Utf8;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The properties of one packet other than PUBLISH. Immutable; {@code with} methods return changed copies. Values are checked
 * against {@link Property} when they are set.
 */
public final class Properties {
    /** No properties. */
    public static final Properties NONE = new Properties(new EnumMap<>(Property.class), List.of());

    /** The values: numbers as {@link Long}, texts as {@link String}, binary data as {@code byte[]}. */
    private final EnumMap<Property, Object> values;

    private final List<UserProperty> userProperties;

    Properties(EnumMap<Property, Object> values, List<UserProperty> userProperties) {
        this.values = values;
        this.userProperties = userProperties;
    }

    /**
     * The properties with which a program explains an answer of its own, or adds to a request.
     *
     * @param reasonString empty for none
     * @throws IllegalArgumentException if a string has characters on which a receiver may close the connection
     */
    public static Properties explaining(String reasonString, List<UserProperty> userProperties) {
        Utf8.requireSendable("reason string", reasonString);
        for (UserProperty each : userProperties) {
            Utf8.requireSendable("user property name", each.name());
            Utf8.requireSendable("user property value", each.value());
        }
        Properties words = reasonString.isEmpty() ? NONE : NONE.with(Property.REASON_STRING, reasonString);
        return userProperties.isEmpty() ? words : words.with(userProperties);
    }

    /** @throws IllegalArgumentException if the property is not a number, or the number is not legal */
    public Properties with(Property property, long value) {
        if (!property.type().isNumber() || value < property.least() || value > property.most()) {
            throw new IllegalArgumentException(
                    property + " is " + value + ", must be " + property.least() + " to " + property.most());
        }
        return withValue(property, value);
    }

    /** @throws IllegalArgumentException if the property is not a text, or the text cannot be sent */
    public Properties with(Property property, String value) {
        require(property, Property.Type.TEXT);
        Utf8.length(property.name(), value);
        return withValue(property, value);
    }

    /** @throws IllegalArgumentException if the property is not binary, or has more than 65,535 bytes */
    public Properties with(Property property, byte[] value) {
        require(property, Property.Type.BINARY);
        if (value.length > Utf8.MAXIMUM_BYTES) {
            throw new IllegalArgumentException(
                    property + " has " + value.length + " bytes, must have at most " + Utf8.MAXIMUM_BYTES);
        }
        return withValue(property, value.clone());
    }

    /** These properties with the given user properties in place of their own. */
    public Properties with(List<UserProperty> userProperties) {
        return new Properties(values, List.copyOf(userProperties));
    }

    private static void require(Property property, Property.Type type) {
        if (property.type() != type) {
            throw new IllegalArgumentException(property + " is " + property.type() + ", not " + type);
        }
    }

    private Properties withValue(Property property, Object value) {
        EnumMap<Property, Object> changed = new EnumMap<>(values);
        changed.put(property, value);
        return new Properties(changed, userProperties);
    }

    /** These properties without this one. */
    Properties without(Property property) {
        EnumMap<Property, Object> changed = new EnumMap<>(values);
        changed.remove(property);
        return new Properties(changed, userProperties);
    }

    public boolean isEmpty() {
        return values.isEmpty() && userProperties.isEmpty();
    }

    public boolean has(Property property) {
        return values.containsKey(property);
    }

    /** The value of a number, or {@code otherwise} if it is absent. */
    public long number(Property property, long otherwise) {
        Object value = values.get(property);
        return value == null ? otherwise : (Long) value;
    }

    /** The value of a text, or null if it is absent. */
    public @Nullable String text(Property property) {
        return (String) values.get(property);
    }

    /** The value of binary data, or null if it is absent. The array must not be changed. */
    public byte @Nullable [] binary(Property property) {
        return (byte[]) values.get(property);
    }

    /** The reason string; empty if there is none. */
    public String reasonString() {
        String text = text(Property.REASON_STRING);
        return text == null ? "" : text;
    }

    public List<UserProperty> userProperties() {
        return userProperties;
    }

    Map<Property, Object> values() {
        return values;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof Properties that)
                || !values.keySet().equals(that.values.keySet())
                || !userProperties.equals(that.userProperties)) {
            return false;
        }
        return values.entrySet().stream().allMatch(entry -> {
            Object mine = entry.getValue();
            Object theirs = that.values.get(entry.getKey());
            return mine instanceof byte[] a && theirs instanceof byte[] b ? Arrays.equals(a, b) : mine.equals(theirs);
        });
    }

    @Override
    public int hashCode() {
        return values.keySet().hashCode() * 31 + userProperties.hashCode();
    }

    /** Names and numbers only: texts and data may be confidential. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("[");
        values.forEach((property, value) -> text.append(property)
                .append(value instanceof Long number ? "=" + number : "")
                .append(' '));
        return text.append(userProperties.size()).append(" user properties]").toString();
    }
}
