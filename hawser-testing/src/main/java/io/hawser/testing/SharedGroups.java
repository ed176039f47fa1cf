package io.hawser.testing;

import io.hawser.mqtt.TopicFilter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Whose turn it is in each group that shares a subscription: one after the other, connected members before others. */
final class SharedGroups {
    private final Map<TopicFilter, Integer> turns = new HashMap<>();

    /** The member that is to have the next message [MQTT-4.8.2-3]; there must be one. */
    BrokerSession next(TopicFilter filter, List<BrokerSession> members) {
        List<BrokerSession> connected =
                members.stream().filter(member -> member.connection() != null).toList();
        List<BrokerSession> able = connected.isEmpty() ? members : connected;
        int turn = turns.merge(filter, 1, Integer::sum) - 1;
        return able.get(turn % able.size());
    }
}
