internal import IssueStorage
internal import Pipeline
package import Telemetry

/// A thread of the data path, and how long one turn of it may take.
package struct WatchedThread: Sendable {
    package var name: String
    package var pulse: ThreadPulse
    package var longestTurn: Duration

    package init(name: String, pulse: ThreadPulse, longestTurn: Duration) {
        (self.name, self.pulse, self.longestTurn) = (name, pulse, longestTurn)
    }

    /// For how long it has not gone round, once that is too long.
    package var stuckFor: Duration? {
        guard let age = pulse.age, age > longestTurn else { return nil }
        return age
    }

    package var check: HealthReport.Check {
        guard let stuckFor else { return HealthReport.Check(name: "thread:\(name)", isOK: true, detail: "goes round") }
        return HealthReport.Check(
            name: "thread:\(name)", isOK: false,
            detail: "stuck: has not gone round for \(stuckFor.components.seconds) s; only a restart helps")
    }
}

extension WatchedThread {
    /// As in the unit that is shipped, for daemons that no watchdog watches over.
    static let usualInterval = Duration.seconds(60)

    /// The data path's threads. A commit may stall with its disk for minutes, which no restart mends.
    ///
    /// - Parameter interval: the watchdog's: what is stuck for half of it is told in time.
    static func dataPath(
        _ core: Core, _ connections: BrokerConnections, watchdog interval: Duration?
    ) -> [WatchedThread] {
        let interval = interval ?? usualInterval
        return connections.pulses.map { name, pulse in
            WatchedThread(name: "broker \(name)", pulse: pulse, longestTurn: interval / 2)
        } + [
            WatchedThread(name: "pipeline", pulse: core.pipeline.pulse, longestTurn: interval / 2),
            WatchedThread(name: "store", pulse: core.store.pulse, longestTurn: interval * 5),
        ]
    }
}
