internal import GRDB
internal import Incidents
internal import Logging
internal import Metrics
internal import Telemetry

/// What the store thread does when there is no space, and how it tells its troubles apart.
extension StoreWorker {
    /// What may be spent of the reserve to file requests.
    private static let roomForRequests = 1 << 20
    /// Bytes of the write-ahead log from which on it is emptied after each step, while there is no space.
    private static let longestLog = 256 << 10
    /// Steps of upkeep before the next try to commit: a second or two.
    private static let stepsToMakeRoom = 300

    static func isFull(_ error: any Error) -> Bool { (error as? DatabaseError)?.resultCode == .SQLITE_FULL }

    /// What the store is in after a commit has failed so.
    static func state(after error: any Error, path: String) -> StoreStatus.State {
        if isFull(error) { return .full }
        if DamagedFiles.isDamage(error) { return .damaged }
        if isOnReadOnlyDisk(path) || (error as? DatabaseError)?.resultCode == .SQLITE_READONLY { return .readOnly }
        if case StorageError.unwritable = error { return .readOnly }
        return .stalled
    }

    /// How long nothing may have found the disk full before that counts as over, where it has not been given space: making room
    /// and filling it go by turns, several times a second, and people are not to hear of each.
    private static let quietAfterFull = Duration.seconds(10)

    /// Tells of a step that found no space, as far as it is time to.
    func tellFull(_ reason: String, _ word: OngoingTrouble.Word?) {
        guard let word else { return }
        var metadata: Logger.Metadata = [
            "reason": "\(reason)", "reserve_bytes": .stringConvertible(reserve.held),
            "effect":
                "the oldest history goes early; what finds no room waits at the broker; requests are filed from the reserve",
        ]
        if case .lasts(let times) = word { metadata["failures"] = .stringConvertible(times) }
        parts.logger.error("store.full", metadata: metadata)
    }

    /// Tells that there is space again: at once where the disk has some, else when nothing has missed it for a while.
    func tellSpace() {
        guard shortage.isOn, !stall.isStalled else { return }
        // A disk may be too small for a whole reserve.
        let quiet = reserve.isWhole && hasSpace ? .zero : Self.quietAfterFull
        guard let (failures, lasted) = shortage.ends(at: .now, after: quiet) else { return }
        parts.logger.notice(
            "store.recovered", metadata: ["stalled": "\(lasted)", "failures": .stringConvertible(failures)])
    }

    /// Whether the disk, and the database's bound, leave as much again as the reserve has.
    private var hasSpace: Bool {
        let (limit, spare) = (parts.control.maximumBytes, parts.configuration.reserveBytes)
        let isWithinLimit = limit == 0 || fileBytes(parts.database.path) + spare <= limit
        return isWithinLimit && (freeDiskBytes(parts.database.path) ?? 0) > spare
    }

    /// Lets the oldest history go, so that its pages are written again, with some of the reserve to work in.
    /// - Returns: false if the connection is no longer to be trusted.
    func makeRoom(_ tools: Tools, pageLimit: inout Int) -> Bool {
        isDiskFull = true
        let before = reserve.held
        // What is in the write-ahead log needs space in the file before the log's own space is free again.
        _ = reserve.give(reserve.held)
        emptyLog(tools)
        reserve.refill(to: before)
        // So half of the reserve is for the log that this work writes, and half for what that adds to the file.
        _ = reserve.give(reserve.held / 2)
        // Work that makes room by writing something smaller needs room first; the bound has a reserve as the disk has.
        try? limitPages(tools.db, toBytes: pageLimit == 0 ? 0 : pageLimit + parts.configuration.reserveBytes)
        pageLimit = -1
        let isTrusted = keepUntilThereIsRoom(tools)
        _ = reserve.give(reserve.held)
        emptyLog(tools)
        reserve.refill(to: before)
        parts.metrics.reserveBytes.record(reserve.held)
        try? applyLimit(tools.db, &pageLimit)
        return isTrusted
    }

    private func keepUntilThereIsRoom(_ tools: Tools) -> Bool {
        var failures = 0
        for _ in 0..<Self.stepsToMakeRoom {
            do {
                guard try tools.keeper.step(isDiskFull: true) else { return true }
                // The log begins again at its start, and takes no more space.
                if fileBytes(parts.database.path + "-wal") > Self.longestLog { _ = try tools.db.checkpoint(.passive) }
            } catch {
                tools.committer.noteFailure(error)
                if error is UnusableConnection { return false }
                // Folding may find no room where trimming makes some: each kind of work gets its turn.
                failures += 1
                guard failures <= HistoryKeeper.kindsOfWork else { return true }
            }
        }
        return true
    }

    /// Files the requests of all pending batches without their readings, which stay unacknowledged.
    func fileRequestsAlone(_ tools: Tools, pageLimit: inout Int) {
        let waiting = pending.map { parts.batches[Int($0)] }
        let isNeeded = waiting.dropFirst(filedAlone).contains {
            !$0.requests.isEmpty || !$0.incidents.isEmpty || !$0.updates.isEmpty
        }
        guard isNeeded else { return }
        let before = reserve.held
        _ = reserve.give(Self.roomForRequests)
        do {
            // The reserve counts beyond the bound as well.
            try limitPages(tools.db, toBytes: pageLimit == 0 ? 0 : pageLimit + parts.configuration.reserveBytes)
            pageLimit = -1
            try tools.committer.fileRequests(of: waiting)
            parts.metrics.filedAlone.increment(by: waiting.count - filedAlone)
            filedAlone = waiting.count
            parts.logger.notice(
                "store.requests_filed_alone",
                metadata: [
                    "batches": .stringConvertible(waiting.count),
                    "effect": "their readings stay unacknowledged until there is space",
                ])
        } catch {
            parts.logger.critical(
                "store.requests_not_filed",
                metadata: ["reason": "\(StorageError(error, path: parts.database.path, doing: "filing requests"))"])
        }
        emptyLog(tools)
        reserve.refill(to: before)
        parts.metrics.reserveBytes.record(reserve.held)
    }

    /// Takes the reserve's space, if the disk has it; then the disk counts as full no longer.
    func fillReserve() {
        guard parts.configuration.reserveBytes > 0 else {
            reserve.remove()
            isDiskFull = false
            return
        }
        let wasWhole = reserve.isWhole
        guard reserve.fill() else { return }
        parts.metrics.reserveBytes.record(reserve.held)
        if !wasWhole, isDiskFull, !shortage.isOn { parts.logger.notice("store.reserve_restored") }
        isDiskFull = false
    }

    func applyLimit(_ db: Database, _ applied: inout Int) throws {
        let bytes = parts.control.maximumBytes
        guard bytes != applied else { return }
        try limitPages(db, toBytes: bytes)
        applied = bytes
    }

    private func limitPages(_ db: Database, toBytes bytes: Int) throws {
        let pageSize = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 4096
        // SQLite's own maximum stands for "no limit".
        let pages = bytes == 0 ? 4_294_967_294 : max(1, bytes / pageSize)
        try db.execute(sql: "PRAGMA max_page_count = \(pages)")
    }

    /// Moves the write-ahead log into the file and gives its disk space back, if no reader is in the way.
    private func emptyLog(_ tools: Tools) {
        do {
            try tools.committer.mendLog()
            try tools.db.checkpoint(.truncate)
        } catch {
            tools.committer.noteFailure(error)
        }
    }
}
