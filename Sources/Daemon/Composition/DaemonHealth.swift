internal import IssueStorage
internal import MQTTSession
internal import Telemetry

/// How the daemon does, part by part, in the order in which a reading meets them.
struct DaemonHealth {
    let core: Core
    let connections: BrokerConnections

    var report: HealthReport {
        let brokers = connections.statuses.map { name, status in
            let trouble = status.lastError.map { ": \($0)" } ?? ""
            return HealthReport.Check(
                name: "broker:\(name)", isOK: status.phase == .connected,
                detail: status.phase == .connected ? "connected" : "\(status.phase.rawValue)\(trouble)")
        }
        let store = core.store.status
        let storage = HealthReport.Check(
            name: "store", isOK: store.isWritable,
            detail: store.isWritable
                ? "writable, \(store.databaseBytes >> 20) MiB"
                : "not writable, nothing is acknowledged: \(store.lastError ?? "no reason known")")
        return HealthReport(checks: brokers + [storage])
    }
}
