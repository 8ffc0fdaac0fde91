public import MQTTSession

/// One broker connection as a source of readings.
public struct IngestConfiguration: Sendable, Equatable {
    /// Where to connect. ``SessionConfiguration/receiveMaximum`` is also the most messages of one batch.
    public var session: SessionConfiguration
    /// How long a batch may collect while messages keep coming. Key `batch_interval`.
    /// A pause between messages closes it at once, so low load has low latency.
    public var longestBatch = Duration.milliseconds(10)
    /// Silence that means that the broker has delivered what it had kept for us. Key `backlog_quiet`.
    public var backlogQuiet = Duration.milliseconds(100)
    /// After this long a connection counts as caught up although messages never paused. Key `backlog_longest`.
    public var backlogLongest = Duration.seconds(30)
    /// How long ``IngestWorker/stop()`` waits for the commit of what has been read. Key `stop_grace`.
    public var stopGrace = Duration.seconds(3)

    public init(session: SessionConfiguration) { self.session = session }

    /// Every problem, each starting with its key below `path`.
    public func problems(at path: String = "mqtt") -> [String] {
        var found = session.problems(at: path)
        for (key, value) in [
            ("batch_interval", longestBatch), ("backlog_quiet", backlogQuiet), ("backlog_longest", backlogLongest),
            ("stop_grace", stopGrace),
        ] where value <= .zero {
            found.append("\(path).\(key): must be longer than nothing, found \(value)")
        }
        return found
    }
}

extension Duration {
    /// Whole milliseconds, rounded towards zero.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
