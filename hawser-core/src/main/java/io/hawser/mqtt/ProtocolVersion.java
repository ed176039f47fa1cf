package io.hawser.mqtt;

/** A version of the MQTT protocol. The constants are in rising order. */
public enum ProtocolVersion {
    /** MQTT 3.1: protocol name {@code MQIsdp}, level 3. */
    MQTT_3_1("MQIsdp", 3, "3.1"),
    /** MQTT 3.1.1 (OASIS, ISO/IEC 20922): protocol name {@code MQTT}, level 4. */
    MQTT_3_1_1("MQTT", 4, "3.1.1"),
    /** MQTT 5.0 (OASIS): protocol name {@code MQTT}, level 5. */
    MQTT_5("MQTT", 5, "5.0");

    private final String protocolName;
    private final int level;
    private final String text;

    ProtocolVersion(String protocolName, int level, String text) {
        this.protocolName = protocolName;
        this.level = level;
        this.text = text;
    }

    /** The protocol name in CONNECT. */
    public String protocolName() {
        return protocolName;
    }

    /** The protocol level in CONNECT: 3, 4 or 5. */
    public int level() {
        return level;
    }

    /** The version as people write it, such as {@code 3.1.1}. */
    @Override
    public String toString() {
        return text;
    }
}
