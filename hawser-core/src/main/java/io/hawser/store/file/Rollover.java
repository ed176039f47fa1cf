package io.hawser.store.file;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The work that a new segment leaves to be done when its checkpoint is on the disk. Until then the segments before the new one
 * may be needed.
 */
final class Rollover {
    private final ActiveSegment begun;
    private final @Nullable Segment followed;
    private final List<Segment> needless;
    private @Nullable Exception unforced;

    /**
     * @param followed the segment before it, if it can be told that another followed
     * @param needless the segments that the checkpoint does not mention
     */
    Rollover(ActiveSegment begun, @Nullable Segment followed, List<Segment> needless) {
        this.begun = begun;
        this.followed = followed;
        this.needless = needless;
    }

    Segment segment() {
        return begun.segment;
    }

    @Nullable
    Segment followed() {
        return followed;
    }

    List<Segment> needless() {
        return needless;
    }

    /** Makes the checkpoint safe from a power cut, or remembers that this failed. */
    void force(FileSystem disk, Path directory) {
        try {
            begun.forceCheckpoint();
            disk.force(directory);
        } catch (IOException | RuntimeException e) {
            unforced = e;
        }
    }

    void requireForced() throws IOException {
        if (unforced != null) {
            throw new IOException("a new segment could not be forced: " + unforced, unforced);
        }
    }
}
