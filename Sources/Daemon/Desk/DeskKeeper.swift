internal import IssueStorage
internal import Logging
internal import Readings
internal import ServiceLifecycle
internal import Telemetry
internal import TimeBase

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
        var troubles: [String: OngoingTrouble] = [:]
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            await round(&troubles)
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) }
        }
        try? await noteUses()
    }

    /// Each duty by itself: what keeps one from being done keeps no other, erasing least of all.
    private func round(_ troubles: inout [String: OngoingTrouble]) async {
        // People's days, whatever clock the city runs on.
        let nowMs = WallClock.system.nowMs()
        await attempt("erase reporters", &troubles) { try await eraseReporters(nowMs) }
        await attempt("post what waits", &troubles) { try await desk.postWaiting() }
        await attempt("note the use of keys", &troubles) { try await noteUses() }
        await attempt("forget submissions", &troubles) {
            _ = try await desk.store.perform { db in try SubmissionTable.sweep(db, nowMs: nowMs) }
        }
    }

    /// The next round tries again what fails; that is told when it begins, then every ten minutes, and when it is over.
    private func attempt(
        _ duty: String, _ troubles: inout [String: OngoingTrouble], _ work: () async throws -> Void
    ) async {
        do {
            try await work()
            if let (failures, lasted) = troubles[duty]?.ends(at: .now) {
                logger.notice(
                    "desk.round_succeeded",
                    metadata: ["duty": "\(duty)", "failures": .stringConvertible(failures), "lasted": "\(lasted)"])
            }
        } catch StoreJobError.notStarted {
            // The daemon's services start side by side; the next round finds the store started.
        } catch {
            let word = troubles[duty, default: OngoingTrouble(reminder: .seconds(600))].comes(at: .now)
            tellFailure(of: duty, error, word)
        }
    }

    private func tellFailure(of duty: String, _ error: any Error, _ word: OngoingTrouble.Word?) {
        guard let word else { return }
        var metadata: Logger.Metadata = ["duty": "\(duty)", "reason": "\(error)"]
        if case .lasts(let times) = word { metadata["failures"] = .stringConvertible(times) }
        logger.warning("desk.round_failed", metadata: metadata)
    }

    private func eraseReporters(_ nowMs: Int64) async throws {
        let keptMs = eraseReporters.milliseconds
        guard keptMs > 0 else { return }
        let erased = try await desk.store.perform { db in try ReporterTable.erase(db, .before(ms: nowMs - keptMs)) }
        guard erased > 0 else { return }
        desk.store.emptyLog()
        logger.info("reporters.erased", metadata: ["count": .stringConvertible(erased)])
    }

    private func noteUses() async throws {
        let uses = desk.keyring.takeUses()
        guard !uses.isEmpty else { return }
        try await desk.store.perform { db in try KeyTable.noteUse(db, uses) }
    }
}
