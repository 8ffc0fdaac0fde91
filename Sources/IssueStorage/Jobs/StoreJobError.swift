/// Why the store thread did not do a job. Nothing of it was written; it may be tried again.
public enum StoreJobError: Error, Equatable, CustomStringConvertible {
    /// As many jobs wait as may.
    case queueFull(waiting: Int)
    /// The store is stopping, or has stopped.
    case stopping
    /// The store has not been started yet.
    case notStarted
    /// Commits are failing, for this reason; jobs are refused until one succeeds.
    case stalled(reason: String)

    /// Stable; safe as a metric label.
    public var code: String {
        switch self {
        case .queueFull: "queue_full"
        case .stopping: "stopping"
        case .notStarted: "not_started"
        case .stalled: "stalled"
        }
    }

    public var description: String {
        switch self {
        case .queueFull(let waiting): "the store is busy: \(waiting) jobs wait for it already; try again in a moment"
        case .stopping: "the store is stopping; try again when the daemon runs again"
        case .notStarted: "the store has not been started yet; try again in a moment"
        case .stalled(let reason): "the store can't write now: \(reason); try again later"
        }
    }
}
