internal import Glibc

/// A clock that never goes back.
enum MonotonicClock {
    /// Milliseconds since some moment before the process began.
    static func nowMs() -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
