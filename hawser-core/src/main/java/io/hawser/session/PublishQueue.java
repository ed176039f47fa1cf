package io.hawser.session;

import io.hawser.mqtt.QueuePolicy;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Accepted messages that wait to be sent, in order, within the bounds of a {@link QueuePolicy}. */
final class PublishQueue {
    private final QueuePolicy policy;
    private @Nullable PublishRequest head;
    private @Nullable PublishRequest tail;
    private int count;
    private long bytes;

    PublishQueue(QueuePolicy policy) {
        this.policy = policy;
    }

    int count() {
        return count;
    }

    long bytes() {
        return bytes;
    }

    boolean dropsOldest() {
        return policy.dropsOldest();
    }

    /** Whether one more message fits. A message larger than the whole bound fits an empty queue, else it never could. */
    boolean hasRoomFor(PublishRequest request) {
        return count == 0 || count < policy.messages() && bytes + request.size() <= policy.bytes();
    }

    /** Whether messages before the last must give way to it. */
    boolean isOverfull() {
        return count > 1 && (count > policy.messages() || bytes > policy.bytes());
    }

    @Nullable
    PublishRequest peek() {
        return head;
    }

    void add(PublishRequest request) {
        if (tail == null) {
            head = request;
        } else {
            tail.next = request;
        }
        tail = request;
        count++;
        bytes += request.size();
    }

    /**
     * Puts a message back to its place in the order of acceptance, which is near the front: it was accepted long ago, so no
     * bound applies.
     */
    void putBack(PublishRequest request) {
        PublishRequest before = null;
        PublishRequest after = head;
        while (after != null && after.sequence < request.sequence) {
            before = after;
            after = after.next;
        }
        request.next = after;
        if (before == null) {
            head = request;
        } else {
            before.next = request;
        }
        if (after == null) {
            tail = request;
        }
        count++;
        bytes += request.size();
    }

    /** Takes out the first, which must be there. */
    void removeFirst() {
        PublishRequest first = Objects.requireNonNull(head, "head");
        head = first.next;
        first.next = null;
        if (head == null) {
            tail = null;
        }
        count--;
        bytes -= first.size();
    }
}
