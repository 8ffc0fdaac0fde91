package import GRDB
package import Logging
package import Metrics
internal import Readings

/// Everything that keeps the database small and quick to ask, one small step at a time.
///
/// ```
///   log ──fold──▶ readings ──▶ minutes ──▶ hours ──▶ days ──▶ gone
///    └──trim (folded, old, and not needed by a start)
///   requests ──▶ measures, hotspots
///   readings ──▶ evidence of requests
///   suspicions that did not last ──▶ gone
/// ```
/// Each step is one transaction of a few milliseconds, or a look at the log that changes nothing. It belongs to one
/// connection and is used on that connection's thread, between commits; it reads no clock: time is that of the log.
package final class HistoryKeeper {
    private enum Work: Int, CaseIterable {
        case fold, trim, slices, quarantine, dismissed, demote, measures, listening, evidence
    }

    static let kindsOfWork = Work.allCases.count

    /// What found nothing to do is asked again so many steps later, or when nothing else has anything to do. While a long tail is
    /// folded, to ask all others before each step took the store thread longer than the steps.
    private static let stepsOfRest = 32

    /// What some kinds of work ask first: looked up once a step, if one does.
    private struct Moment {
        let isDiskFull: Bool
        /// Not looked up yet, or none, or the log's time.
        var nowMs: Int64??
        var isShortOfSpace: Bool?
    }

    private let db: Database
    private let maximumBytes: Int
    private let metrics: HistoryMetrics
    private let logger: Logger
    private let trimmer: LogTrimmer
    private let demoter: Demoter
    private let quarantine: QuarantineSweeper
    private var folder = LogFolder()
    private let slices = SliceSweeper()
    private var dismissed = DismissedSweeper()
    private let measures: MeasureKeeper
    private let evidence = EvidenceKeeper()
    private var listening = ListeningKeeper()
    /// nil after a failure: then what is in memory may be ahead of what is stored.
    private var progress: HistoryProgress?
    /// Up to when entries went early that were told of.
    private var earlyBounds: [HistoryTier: Int64] = [:]
    /// Whose turn it is, so that none keeps the others from ever working.
    private var turn = 0
    /// For each kind of work, the steps that it is not asked before others were, because it found nothing.
    private var rest = Array(repeating: 0, count: kindsOfWork)

    package convenience init(
        _ db: Database, configuration: StoreConfiguration, metrics: any MetricsFactory, logger: Logger
    ) throws {
        try self.init(db, configuration, HistoryMetrics(metrics), logger)
    }

    init(_ db: Database, _ configuration: StoreConfiguration, _ metrics: HistoryMetrics, _ logger: Logger) throws {
        self.db = db
        self.logger = logger
        self.metrics = metrics
        maximumBytes = configuration.maximumBytes
        trimmer = LogTrimmer(keepMs: configuration.history.keepLog.nanoseconds / 1_000_000)
        demoter = Demoter(policy: configuration.history)
        quarantine = QuarantineSweeper(
            mostMessages: configuration.quarantineMessages, mostBytes: configuration.quarantineBytes)
        measures = try MeasureKeeper(db)
        progress = try HistoryProgress(db)
    }

    /// Whether the log's tail is becoming too long to be searched quickly.
    package var isBehind: Bool { folder.isBehind }

    /// Does one small step of what there is to do.
    ///
    /// - Parameters:
    ///   - isDiskFull: then the oldest history goes early, until some pages are free for what comes.
    ///   - isWanted: whether something else waits for the thread; then a step of folding, the longest, ends as soon as it can.
    /// - Returns: whether there was anything to do.
    /// - Throws: what SQLite says. Then nothing has changed, and it may be tried again.
    package func step(isDiskFull: Bool = false, isWanted: () -> Bool = { false }) throws -> Bool {
        do {
            var tally = HistoryTally()
            let isDone = try step(isDiskFull: isDiskFull, isWanted, &tally)
            report(tally)
            return isDone
        } catch {
            progress = nil
            // What fails does not keep the others waiting.
            rest = rest.map { _ in 0 }
            throw error
        }
    }

    private func step(isDiskFull: Bool, _ isWanted: () -> Bool, _ tally: inout HistoryTally) throws -> Bool {
        var progress = try self.progress ?? HistoryProgress(db)
        defer { self.progress = progress }
        let start = ContinuousClock.now
        var moment = Moment(isDiskFull: isDiskFull)
        for kind in rest.indices { rest[kind] = isDiskFull ? 0 : max(0, rest[kind] - 1) }
        // First those that are likely to have work; but nobody is left out before it is said that there is none.
        let isResting = rest.map { $0 > 0 }
        for resting in [false, true] {
            for _ in Work.allCases {
                turn = (turn + 1) % Work.allCases.count
                guard isResting[turn] == resting else { continue }
                if try work(Work.allCases[turn], &progress, &moment, isWanted, &tally) {
                    rest[turn] = 0
                    metrics.stepDuration.recordNanoseconds((ContinuousClock.now - start).nanoseconds)
                    return true
                }
                rest[turn] = Self.stepsOfRest
            }
        }
        return false
    }

    private func work(
        _ work: Work, _ progress: inout HistoryProgress, _ moment: inout Moment, _ isWanted: () -> Bool,
        _ tally: inout HistoryTally
    ) throws -> Bool {
        switch work {
        case .fold: return try folder.step(db, &progress, isWanted, &tally)
        case .slices: return try slices.step(db, &tally)
        case .quarantine: return try quarantine.step(db, &tally)
        case .measures: return try measures.step(db)
        case .dismissed: return try dismissed.step(db, nowMs: try nowMs(&moment), &tally)
        case .listening: return try listening.step(db, nowMs: try nowMs(&moment))
        case .evidence:
            guard let nowMs = try nowMs(&moment) else { return false }
            return try evidence.step(db, nowMs: nowMs, tail: folder.tail)
        case .trim:
            guard let nowMs = try nowMs(&moment) else { return false }
            return try trimmer.step(
                db, progress, nowMs: nowMs, isShortOfSpace: try isShortOfSpace(&moment), &tally)
        case .demote:
            guard let nowMs = try nowMs(&moment) else { return false }
            return try demoter.step(
                db, &progress, nowMs: nowMs, isShortOfSpace: try isShortOfSpace(&moment), &tally)
        }
    }

    /// The log's time; nil while there is none.
    private func nowMs(_ moment: inout Moment) throws -> Int64? {
        if let known = moment.nowMs { return known }
        let nowMs = try LogSearch.presentMs(db)
        moment.nowMs = .some(nowMs)
        return nowMs
    }

    /// From nine tenths of the bound on; and on a full disk, until 4 MiB of the file are free to be written again.
    private func isShortOfSpace(_ moment: inout Moment) throws -> Bool {
        if let known = moment.isShortOfSpace { return known }
        // Kept, because to prepare them takes as long as a small step.
        let pages = try Int.fetchOne(db.cachedStatement(sql: "PRAGMA page_count")) ?? 0
        let free = try Int.fetchOne(db.cachedStatement(sql: "PRAGMA freelist_count")) ?? 0
        let pageSize = try Int.fetchOne(db.cachedStatement(sql: "PRAGMA page_size")) ?? 4096
        let used = (pages - free) * pageSize
        metrics.usedBytes.record(used)
        let isBelowRoom = moment.isDiskFull && free * pageSize < 4 << 20
        let isShort = isBelowRoom || maximumBytes > 0 && used > maximumBytes / 10 * 9
        moment.isShortOfSpace = isShort
        return isShort
    }

    private func report(_ tally: HistoryTally) {
        metrics.count(tally)
        metrics.tail.record(folder.tail)
        guard let early = tally.early, early.beforeMs != earlyBounds[early.tier] else { return }
        // One line for each move of a bound, which takes many steps.
        earlyBounds[early.tier] = early.beforeMs
        logger.warning(
            "history.expired_early",
            metadata: [
                "tier": "\(early.tier.name)", "before_ms": .stringConvertible(early.beforeMs),
                "becomes": "\(early.tier.coarser?.name ?? "nothing")",
                "reason": "the database is close to data.max_bytes, or its disk is full",
            ])
    }
}
