internal import IssueStorage
internal import Logging
internal import Readings
internal import ServiceLifecycle

/// What the desk does when nobody is at it: posts what waits, erases reporters whose time has come, stores which keys were
/// used, forgets submissions that nobody will ask for.
struct DeskKeeper: Service, CustomStringConvertible {
    let desk: Desk
    /// How long reporters are kept; zero: for ever.
    let eraseReporters: Duration
    let logger: Logger

    /// Between two rounds; the daily work is done in small steps, each round some.
    static let interval = Duration.seconds(10)

    var description: String { "desk" }

    func run() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                try await round()
            } catch {
                // The store says itself what is wrong with it; the next round tries again.
                logger.debug("desk.round_failed", metadata: ["reason": "\(error)"])
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) }
        }
        try? await noteUses()
    }

    private func round() async throws {
        try await desk.postWaiting()
        try await noteUses()
        let nowMs = WallClock.system.nowMs()
        let keptMs = eraseReporters.milliseconds
        if keptMs > 0 {
            let erased = try await desk.store.perform { db in
                try ReporterTable.erase(db, .before(ms: nowMs - keptMs))
            }
            if erased > 0 {
                desk.store.emptyLog()
                logger.info("reporters.erased", metadata: ["count": .stringConvertible(erased)])
            }
        }
        _ = try await desk.store.perform { db in try SubmissionTable.sweep(db, nowMs: nowMs) }
    }

    private func noteUses() async throws {
        let uses = desk.keyring.takeUses()
        guard !uses.isEmpty else { return }
        try await desk.store.perform { db in try KeyTable.noteUse(db, uses) }
    }
}
