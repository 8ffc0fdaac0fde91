internal import Glibc

/// CLOCK_MONOTONIC, for timeouts: a step of the wall clock must not end or prolong one.
public enum Monotonic {
    public static func nowNs() -> Int64 {
        var now = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &now)
        return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    }

    public static func nowMs() -> Int64 { nowNs() / 1_000_000 }
}
