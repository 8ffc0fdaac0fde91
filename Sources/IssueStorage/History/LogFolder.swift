internal import GRDB
internal import Readings

/// Folds the log's tail into history, in small steps.
///
/// ```
///   log ─▶ a range of it, in memory, by stream ─▶ each stream's newest readings grow, or are sealed as a chunk
/// ```
/// A range is folded over many transactions. Each one moves ``HistoryProgress/fold`` on with the streams that it has
/// folded, so a reader sees every reading once at any moment, and a crash loses and repeats nothing: the range is loaded
/// again and goes on where it was.
struct LogFolder {
    /// Readings that are folded at once, of some hundreds or thousands of streams; and of very few.
    private static let usualReadings: Int64 = 32_768
    private static let leastReadings: Int64 = 4096
    /// With fewer readings than that of each stream, the next range is longer: they share what it costs to read, unpack, pack and
    /// write a stream's row. With 10,000 sensors, which have six to twelve in a range then, the store thread takes about a seventh
    /// less for a reading than with four; the price is a longer tail, which is searched row by row, and 24 bytes more for each
    /// reading of it while it is folded, 3 MB there.
    private static let fewPerStream = 6
    /// The log's tail is folded even if it is short, once its first reading arrived so long before its last.
    private static let longestWaitMs: Int64 = 3_600_000
    /// What one transaction may cost: 1, about 0.4 µs, for each reading that is unpacked and packed, and some for each
    /// stream. About 5 ms.
    private static let costPerStep = 12_000
    private static let costPerStream = 40

    private var range: FoldRange?
    /// How many readings the next range should have: more where each stream has only a few in it.
    private var wanted = usualReadings

    /// The log beyond what was folded, in readings at most.
    private(set) var tail: Int64 = 0

    /// Whether commits come so fast that the tail is becoming too long to be searched quickly.
    var isBehind: Bool { tail > 4 * wanted }

    /// Does one small step if there is something to do.
    /// - Parameter isWanted: whether something else waits for the thread; then the step ends with the next stream.
    /// - Returns: whether there was.
    mutating func step(
        _ db: Database, _ progress: inout HistoryProgress, _ isWanted: () -> Bool, _ tally: inout HistoryTally
    ) throws -> Bool {
        if range == nil { range = try nextRange(db, progress) }
        guard var range else { return false }
        // Held once, so that its arrays are not copied.
        self.range = nil
        defer { if progress.fold.done < range.target { self.range = range } }
        if range.isLoaded {
            // Where the last transaction came to, also if it failed.
            range.move(to: progress.fold.next)
            try fold(&range, db, &progress, isWanted, &tally)
        } else {
            try range.load(db, isWanted)
            if range.isLoaded { adapt(to: range) }
        }
        return true
    }

    /// The range that was begun before, or a new one if the tail is long or old enough.
    private mutating func nextRange(_ db: Database, _ progress: HistoryProgress) throws -> FoldRange? {
        let done = progress.fold.done
        if let target = progress.fold.target { return FoldRange(after: done, target: target) }
        let last = try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT sequence, arrived_at FROM reading WHERE sequence > ? ORDER BY sequence DESC LIMIT 1"),
            arguments: [done])
        guard let last,
            let first = try Row.fetchOne(
                db.cachedStatement(
                    sql: "SELECT sequence, arrived_at FROM reading WHERE sequence > ? ORDER BY sequence LIMIT 1"),
                arguments: [done])
        else {
            tail = 0
            return nil
        }
        let (end, start): (Int64, Int64) = (last["sequence"], first["sequence"])
        tail = end - start + 1
        let waited = (last["arrived_at"] as Int64) - (first["arrived_at"] as Int64)
        guard tail >= wanted || waited >= Self.longestWaitMs else { return nil }
        // Sequences have gaps, so it may be fewer readings.
        return FoldRange(after: done, target: min(end, start - 1 + wanted))
    }

    /// Each stream's row is written once a range, whatever it gets: with few readings a stream a longer range is cheaper.
    /// But a stream is folded in one transaction: with many readings a stream a shorter range stalls less.
    private mutating func adapt(to range: FoldRange) {
        let perStream = range.readingCount / max(1, range.streamCount)
        if perStream < Self.fewPerStream { wanted = min(wanted * 2, Int64(FoldRange.mostReadings)) }
        if perStream > 4 * Self.fewPerStream, wanted > Self.usualReadings || perStream > 2048 {
            wanted = max(wanted / 2, Self.leastReadings)
        }
    }

    private mutating func fold(
        _ range: inout FoldRange, _ db: Database, _ progress: inout HistoryProgress, _ isWanted: () -> Bool,
        _ tally: inout HistoryTally
    ) throws {
        let raw = RawHistory(db)
        var cost = 0
        try HistoryTransaction.run(db) {
            while cost < Self.costPerStep, let stream = range.nextStream {
                let readings = range.takeStream()
                cost += try Self.file(readings, of: stream, progress, raw, db, &tally) + Self.costPerStream
                if isWanted() { break }
            }
            tally.steps += 1
            var fold = progress.fold
            if let next = range.nextStream {
                (fold.target, fold.next) = (range.target, next.rawValue)
            } else {
                fold = HistoryProgress.Task(done: range.target, target: nil, next: 0)
            }
            try HistoryProgress.save(fold, as: HistoryProgress.fold, db)
            progress.fold = fold
        }
        if progress.fold.target == nil { tail = max(0, tail - (range.target - range.after)) }
    }

    /// Puts one stream's readings into the tier that their age calls for; all but late ones are recent.
    /// - Returns: what it cost.
    private static func file(
        _ readings: [HistoryReading], of stream: StreamKey, _ progress: HistoryProgress, _ raw: RawHistory,
        _ db: Database,
        _ tally: inout HistoryTally
    ) throws -> Int {
        tally.folded += readings.count
        let rawFrom = progress[.raw].reached(stream)
        let recent = readings.drop { $0.atMs < rawFrom }
        let cost = try raw.merge(Array(recent), into: stream)
        guard recent.startIndex > readings.startIndex else { return cost }
        var late: [HistoryTier: [HistoryBucket]] = [:]
        for reading in readings[..<recent.startIndex] {
            guard let tier = progress.tier(of: stream, at: reading.atMs) else {
                tally.expired[.raw, default: 0] += 1
                continue
            }
            late[tier, default: []].gather(HistoryBucket(startMs: tier.start(of: reading.atMs), reading.value))
        }
        for tier in HistoryTier.allCases {
            guard let buckets = late[tier] else { continue }
            try ChunkShelf<HistoryBucket>(tier, db).merge(buckets, into: stream)
        }
        return cost + late.count * ChunkCutter.mostEntries
    }
}
