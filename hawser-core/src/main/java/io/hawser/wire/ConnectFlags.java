package io.hawser.wire;

import io.hawser.mqtt.Will;

/** The bits of CONNECT's flags byte (MQTT 3.1.1, section 3.1.2.3). */
final class ConnectFlags {
    static final int RESERVED = 0x01;
    static final int CLEAN_SESSION = 0x02;
    static final int WILL = 0x04;
    static final int WILL_QOS = 0x18;
    static final int WILL_QOS_SHIFT = 3;
    static final int WILL_RETAIN = 0x20;
    static final int PASSWORD = 0x40;
    static final int USER_NAME = 0x80;

    private ConnectFlags() {}

    /** The flags byte's bits for this will. */
    static int of(Will will) {
        return WILL
                | will.message().qos().level() << WILL_QOS_SHIFT
                | (will.message().retain() ? WILL_RETAIN : 0);
    }
}
