internal import Glibc

/// The machine's clock that never steps, for timeouts and for how long a stage took: all threads see the same.
public enum MonotonicClock {
    /// Nanoseconds since some moment before the process began; some 25 ns a call.
    public static func nowNs() -> Int64 {
        var now = timespec()
        // `now` outlives the call, and this clock is always there.
        unsafe clock_gettime(CLOCK_MONOTONIC, &now)
        return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    }

    /// As ``nowNs()``, in whole milliseconds.
    public static func nowMs() -> Int64 { nowNs() / 1_000_000 }
}
