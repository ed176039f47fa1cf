package io.hawser.wire;

import io.hawser.mqtt.TopicName;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The topic aliases that one side has given out on one connection. The topics used last have an alias; a new topic
 * takes over the alias of the least recently used topic. Nothing is allocated once all aliases are in use.
 */
final class TopicAliases {
    /**
     * The most aliases, even if a peer allows more: beyond, keeping topics costs more memory than their names cost
     * bytes on the wire.
     */
    static final int MOST = 1024;

    private static final int FIRST = 16;

    private final int maximum;
    private int used;

    // The entries by alias, from 1 on; 0 is the end of a chain, and the head of the ring from the newest topic to the
    // oldest.
    private @Nullable TopicName[] topics = new TopicName[1];
    private int[] older = new int[1];
    private int[] newer = new int[1];
    private int[] nextInSlot = new int[1];
    private int[] slots = new int[FIRST];

    /** @param maximum the largest alias that the peer takes, at least 1 */
    TopicAliases(int maximum) {
        this.maximum = Math.min(maximum, MOST);
    }

    /** The alias of this topic, which becomes the newest; 0 if the topic has none. */
    int find(TopicName topic) {
        int newest = older[0];
        if (topic.equals(topics[newest])) {
            return newest;
        }
        int alias = slots[slot(topic)];
        while (alias != 0 && !topic.equals(topics[alias])) {
            alias = nextInSlot[alias];
        }
        if (alias != 0) {
            unlink(alias);
            linkNewest(alias);
        }
        return alias;
    }

    /** Gives an alias to a topic that has none. The peer must be told at once. */
    int add(TopicName topic) {
        int alias;
        if (used < maximum) {
            alias = ++used;
            if (alias == topics.length) {
                grow();
            }
        } else {
            alias = newer[0];
            unlink(alias);
            removeFromSlot(alias);
        }
        topics[alias] = topic;
        addToSlot(alias, topic);
        linkNewest(alias);
        return alias;
    }

    private void grow() {
        int length = Math.min(Math.max(FIRST, 2 * topics.length), maximum + 1);
        topics = Arrays.copyOf(topics, length);
        older = Arrays.copyOf(older, length);
        newer = Arrays.copyOf(newer, length);
        nextInSlot = new int[length];
        slots = new int[Integer.highestOneBit(length) * 2];
        for (int alias = 1; alias < used; alias++) {
            TopicName topic = topics[alias];
            if (topic != null) {
                addToSlot(alias, topic);
            }
        }
    }

    private int slot(TopicName topic) {
        int hash = topic.hashCode();
        return (hash ^ hash >>> 16) & (slots.length - 1);
    }

    private void addToSlot(int alias, TopicName topic) {
        int slot = slot(topic);
        nextInSlot[alias] = slots[slot];
        slots[slot] = alias;
    }

    private void removeFromSlot(int alias) {
        TopicName topic = topics[alias];
        if (topic == null) {
            return;
        }
        int slot = slot(topic);
        if (slots[slot] == alias) {
            slots[slot] = nextInSlot[alias];
            return;
        }
        int before = slots[slot];
        while (nextInSlot[before] != alias) {
            before = nextInSlot[before];
        }
        nextInSlot[before] = nextInSlot[alias];
    }

    private void linkNewest(int alias) {
        int second = older[0];
        older[alias] = second;
        newer[alias] = 0;
        newer[second] = alias;
        older[0] = alias;
    }

    private void unlink(int alias) {
        older[newer[alias]] = older[alias];
        newer[older[alias]] = newer[alias];
    }
}
