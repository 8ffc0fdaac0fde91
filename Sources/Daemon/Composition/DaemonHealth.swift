package import Forwarding
package import IssueStorage
package import MQTTSession
package import Telemetry

/// How the daemon does, part by part, in the order in which a reading meets them.
package struct DaemonHealth {
    /// A reading that waits longer than this for its commit means that something stands still. Commits take milliseconds;
    /// a slow disk's worst takes a second or two.
    package static let longestWait = Duration.seconds(5)

    let core: Core
    let connections: BrokerConnections
    /// The data path's threads.
    var threads: [WatchedThread] = []
    /// The destinations that are told about requests.
    var destinations: [DestinationStatus] = []
    /// ``longestWait``, as it is configured.
    var lagMax = DaemonHealth.longestWait

    var report: HealthReport {
        let parts =
            connections.statuses.flatMap { name, status in
                [Self.check(broker: name, status, lagMax: lagMax)] + Self.journalChecks(broker: name, status)
                    + Self.canaryChecks(broker: name, status)
            } + [Self.check(store: core.store.status)]
        let turning = threads.map(\.check)
        // Whoever can't be told now is told later; the daemon's own work needs none of them.
        return HealthReport(
            isLive: turning.allSatisfy(\.isOK), isReady: (turning + parts).allSatisfy(\.isOK),
            checks: turning + parts + destinations.map(Self.check(destination:)))
    }

    /// Takes what it is sent, and nothing was given up.
    package static func check(destination status: DestinationStatus) -> HealthReport.Check {
        var parts: [String] = []
        if let trouble = status.trouble {
            parts.append("does not take what it is sent (\(status.failuresInARow) times in a row): \(trouble)")
        }
        parts.append("\(status.queued) queued")
        if status.dead > 0 { parts.append("\(status.dead) given up, see sluice outbox") }
        return HealthReport.Check(
            name: "forward:\(status.name)", isOK: status.trouble == nil && status.dead == 0,
            detail: parts.joined(separator: "; "))
    }

    /// Connected, and what was read is committed in time.
    package static func check(
        broker name: String, _ status: ConnectionStatus, lagMax: Duration = longestWait
    ) -> HealthReport.Check {
        let name = "broker:\(name)"
        guard status.phase == .connected else {
            let trouble = status.lastError.map { ": \($0)" } ?? ""
            return HealthReport.Check(name: name, isOK: false, detail: "\(status.phase.rawValue)\(trouble)")
        }
        let waited = Duration.milliseconds(status.oldestUncommittedMs ?? 0)
        guard waited <= lagMax else {
            return HealthReport.Check(
                name: name, isOK: false,
                detail: "connected, but what was read has waited \(waited.components.seconds) s for its commit; "
                    + "the broker keeps the rest")
        }
        let backlog = status.isCaughtUp ? "" : ", working off what the broker had kept"
        return HealthReport.Check(name: name, isOK: true, detail: "connected\(backlog)")
    }

    /// Our own message comes back through the broker, the pipeline and the store.
    package static func canaryChecks(broker name: String, _ status: ConnectionStatus) -> [HealthReport.Check] {
        if let overdue = status.canaryOverdueMs {
            let why =
                status.isCanaryRefused
                ? "the broker refuses it: let Sluice write and read sluice-canary/#, or set operations.canary to 0s"
                : "messages may not reach us, or not get to the disk"
            return [
                HealthReport.Check(
                    name: "canary:\(name)", isOK: false,
                    detail: "our own message should have come back \(overdue / 1000) s ago through the broker and the "
                        + "store; \(why)")
            ]
        }
        guard let took = status.canaryMs else { return [] }
        return [
            HealthReport.Check(
                name: "canary:\(name)", isOK: true, detail: "came back through the broker and the store in \(took) ms")
        ]
    }

    /// Only when something is wrong: most brokers keep no journal.
    package static func journalChecks(broker name: String, _ status: ConnectionStatus) -> [HealthReport.Check] {
        guard let problem = status.journalProblem else { return [] }
        return [
            HealthReport.Check(
                name: "journal:\(name)", isOK: false,
                detail: "\(problem); until it can, the broker's death loses what it had acknowledged")
        ]
    }

    /// Commits succeed, and in time.
    package static func check(store status: StoreStatus) -> HealthReport.Check {
        if let since = status.commitUnderWaySince, .now - since > longestWait {
            let seconds = (ContinuousClock.now - since).components.seconds
            return HealthReport.Check(
                name: "store", isOK: false,
                detail: "a commit has been waiting for the disk for \(seconds) s; nothing is acknowledged")
        }
        let reason = status.lastError ?? "no reason known"
        let detail =
            switch status.state {
            case .writable: "writable, \(status.databaseBytes >> 20) MiB"
            case .full: "full, nothing is acknowledged, requests are still filed: \(reason)"
            case .readOnly: "read-only, nothing is acknowledged: \(reason)"
            case .damaged: "damaged, nothing is acknowledged; a restart moves the file aside: \(reason)"
            case .stalled: "stalled, nothing is acknowledged: \(reason)"
            }
        return HealthReport.Check(name: "store", isOK: status.isWritable, detail: detail)
    }
}
