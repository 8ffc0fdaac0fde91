internal import Synchronization
internal import TimeBase

/// When a thread of the data path last went round its loop, for whoever watches over it.
///
/// The thread beats once a turn, also when it has nothing to do; a watcher compares the age of the last beat with what a
/// turn may take. Lock-free, some 25 ns a beat.
public final class ThreadPulse: Sendable {
    /// Milliseconds on the monotonic clock; `.max` while nothing is expected of the thread.
    private let lastMs = Atomic<Int64>(.max)

    public init() {}

    /// The thread goes round.
    public func beat() { lastMs.store(MonotonicClock.nowMs(), ordering: .relaxed) }

    /// The thread enters a call that may rightly take long, a resolver's for example, or ends. Nothing is expected of it until
    /// the next ``beat()``.
    public func rest() { lastMs.store(.max, ordering: .relaxed) }

    /// Time since the last beat; nil while nothing is expected.
    public var age: Duration? {
        let last = lastMs.load(ordering: .relaxed)
        return last == .max ? nil : .milliseconds(max(0, MonotonicClock.nowMs() - last))
    }
}
