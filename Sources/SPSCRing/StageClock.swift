internal import Glibc

/// The clock that stages of the data path are measured by: it never steps, and all threads see the same.
public enum StageClock {
    /// Nanoseconds since some moment before the process began.
    public static func nowNs() -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
