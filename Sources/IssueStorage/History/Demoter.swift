internal import GRDB
internal import Readings

/// Makes old readings minutes, old minutes hours, old hours days, and lets old days go.
///
/// A tier's bound moves on once a day of the stream's time, or earlier when space is short. Each move goes through all
/// streams in small steps; ``HistoryProgress`` says for which streams the new bound holds already.
struct Demoter {
    private static let dayMs = HistoryTier.days.widthMs
    /// Chunks that one transaction takes out, and streams that it looks at.
    private static let chunksPerStep = 16
    private static let streamsPerStep = 256

    let policy: HistoryPolicy

    /// Does one small step if there is something to do.
    ///
    /// - Parameter isShortOfSpace: then the oldest history goes before its time.
    /// - Returns: whether there was.
    func step(
        _ db: Database, _ progress: inout HistoryProgress, nowMs: Int64, isShortOfSpace: Bool,
        _ tally: inout HistoryTally
    ) throws -> Bool {
        // One bound at a time, so that a finer tier's is never before a coarser one's.
        for tier in HistoryTier.allCases where progress[tier].target != nil {
            try move(tier, db, &progress, nowMs: nowMs, &tally)
            return true
        }
        for tier in HistoryTier.allCases {
            guard let bound = bound(of: tier, nowMs: nowMs), bound > progress[tier].done else { continue }
            progress[tier].target = bound
            progress[tier].next = 0
            try move(tier, db, &progress, nowMs: nowMs, &tally)
            return true
        }
        guard isShortOfSpace, let (tier, bound) = try earlyBound(db, progress, nowMs: nowMs) else { return false }
        progress[tier].target = bound
        progress[tier].next = 0
        try move(tier, db, &progress, nowMs: nowMs, &tally)
        return true
    }

    /// Where policy wants `tier` to begin, or nil if it is kept for ever.
    private func bound(of tier: HistoryTier, nowMs: Int64) -> Int64? {
        let kept =
            switch tier {
            case .raw: policy.keepRaw
            case .minutes: policy.keepMinutes
            case .hours: policy.keepHours
            case .days: policy.keepDays
            }
        guard kept != .zero else { return nil }
        let (start, isOutside) = nowMs.subtractingReportingOverflow(kept.nanoseconds / 1_000_000)
        return isOutside ? nil : start.roundedDown(toMultipleOf: Self.dayMs)
    }

    /// What goes next when space is short: the oldest readings become minutes until only a day of them is left, then
    /// the oldest minutes hours, then hours days; last of all the oldest days go.
    private func earlyBound(
        _ db: Database, _ progress: HistoryProgress, nowMs: Int64
    ) throws -> (HistoryTier, Int64)? {
        var latest = nowMs.roundedDown(toMultipleOf: Self.dayMs) - Self.dayMs
        let strides: [(HistoryTier, Int64)] = [(.raw, 1), (.minutes, 1), (.hours, 7), (.days, 30)]
        for (tier, days) in strides {
            let done = progress[tier].done
            let first =
                try tier == .raw
                ? RawHistory(db).stream(from: .min) : ChunkShelf<HistoryBucket>(tier, db).stream(from: .min)
            if done < latest, first != nil {
                // A bound that never moved stands before all times.
                let from = max(done, latest - 36_500 * Self.dayMs)
                return (tier, min(latest, from + days * Self.dayMs))
            }
            latest = min(latest, done)
        }
        return nil
    }

    /// Takes `tier` to its target for some more streams, in one transaction.
    private func move(
        _ tier: HistoryTier, _ db: Database, _ progress: inout HistoryProgress, nowMs: Int64,
        _ tally: inout HistoryTally
    ) throws {
        var task = progress[tier]
        guard let target = task.target else { return }
        let raw = RawHistory(db)
        let buckets = ChunkShelf<HistoryBucket>(tier, db)
        try HistoryTransaction.run(db) {
            var streams = 0
            var chunks = 0
            while streams < Self.streamsPerStep, chunks < Self.chunksPerStep {
                let limit = Self.chunksPerStep - chunks
                let next = try tier == .raw ? raw.stream(from: task.next) : buckets.stream(from: task.next)
                guard let next else {
                    task = HistoryProgress.Task(done: target, target: nil, next: 0)
                    break
                }
                let stream = StreamKey(rawValue: next)
                task.next = next
                streams += 1
                let isAll: Bool
                if tier == .raw {
                    let old = try raw.take(before: target, of: stream, limit: limit)
                    isAll = old.isAll
                    chunks += old.entries.isEmpty ? 0 : 1 + old.entries.count / 256
                    try demote(
                        old.entries.map { HistoryBucket(startMs: $0.atMs, $0.value) }, from: tier, of: stream, db,
                        &tally)
                } else {
                    let old = try buckets.take(before: target, of: stream, limit: limit)
                    isAll = old.isAll
                    chunks += old.entries.isEmpty ? 0 : 1 + old.entries.count / 256
                    try demote(old.entries, from: tier, of: stream, db, &tally)
                }
                if isAll { task.next += 1 }
            }
            try HistoryProgress.save(task, as: tier.task, db)
        }
        progress[tier] = task
        let gone = (tally.demoted[tier] ?? 0) + (tally.expired[tier] ?? 0)
        if gone > 0, bound(of: tier, nowMs: nowMs).map({ $0 < target }) ?? true {
            tally.early = HistoryTally.Early(tier: tier, beforeMs: target, entries: gone)
        }
    }

    /// Makes `entries`, which are in order, part of the next tier.
    private func demote(
        _ entries: [HistoryBucket], from tier: HistoryTier, of stream: StreamKey, _ db: Database,
        _ tally: inout HistoryTally
    ) throws {
        guard !entries.isEmpty else { return }
        guard let coarser = tier.coarser else {
            tally.expired[tier, default: 0] += entries.count
            return
        }
        var coarse: [HistoryBucket] = []
        for var bucket in entries {
            bucket.startMs = coarser.start(of: bucket.startMs)
            coarse.gather(bucket)
        }
        try ChunkShelf<HistoryBucket>(coarser, db).merge(coarse, into: stream)
        tally.demoted[tier, default: 0] += entries.count
    }
}
