package io.hawser.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/** Reads what this process has used, of all threads. */
final class ProcessMeter {
    private static final int MOST_COLLECTIONS = 8;

    private final OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    private final MBeanServer beans = ManagementFactory.getPlatformMBeanServer();

    long cpuNanos() {
        return system.getProcessCpuTime();
    }

    /** Since JDK 21 exact; before, without threads that have ended. */
    long allocatedBytes() {
        try {
            // A method of the interface only since 21, but an attribute by this name to everybody who asks.
            Object total = beans.getAttribute(
                    new ObjectName(ManagementFactory.THREAD_MXBEAN_NAME), "TotalThreadAllocatedBytes");
            return (Long) total;
        } catch (JMException e) {
            long sum = 0;
            for (long bytes : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
                sum += Math.max(0, bytes);
            }
            return sum;
        }
    }

    int threads() {
        return threads.getThreadCount();
    }

    /** What is left of the heap when nothing more can be collected. */
    long heapBytes() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < MOST_COLLECTIONS; i++) {
            memory.gc();
            long used = memory.getHeapMemoryUsage().getUsed();
            if (used >= least) {
                break;
            }
            least = used;
        }
        return least;
    }
}
