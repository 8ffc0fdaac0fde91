internal import Readings

/// Finds a load that was tipped into a bin at once: furniture, rubble, a shop's cartons.
///
/// Litter comes in handfuls, so that a level that has stood still and stands a third of a bin higher with the next
/// reading, and stays there, is one load; a crowd fills a bin in an hour, but by steps. Ultrasonic levels jump by
/// themselves (a bag under the lid), up to three readings in a row: four must agree, against the median of the five
/// before. What a bin has gained while nobody heard of it may be a day's litter: a gap begins anew.
///
/// - Complexity: O(5) a reading. Memory: 0.2 kB.
/// - Source: level shifts told from outliers by what follows them: Chen & Liu, JASA 88 (1993).
struct DumpingDetector: Sendable, Equatable, StateCodable {
    private let risePercent: Double
    private var before = SortedWindow(capacity: 5)
    private var latestBefore = 0.0
    /// The last four levels, oldest first.
    private var last = SIMD4<Double>()
    private var count = 0
    /// The level from which the load rose, and when it was first seen; 0 when there is none.
    private var base = 0.0
    private var sinceMs: Int64 = 0
    private var timesMs = SIMD4<Int64>()
    /// Whether a load is in the bin.
    private(set) var isLoaded = false

    init(parameters: BinParameters) { risePercent = parameters.dumpRise }

    /// Folds in a level, percent.
    ///
    /// - Returns: Abnormal while the load is in the bin, normal once it is not.
    mutating func observe(_ level: Double, atMs: Int64) -> Finding {
        if isGap(toMs: atMs) {
            before.removeAll()
            count = 0
        }
        if count >= 4 {
            before.append(last[0])
            latestBefore = last[0]
        }
        last = SIMD4(last[1], last[2], last[3], level)
        timesMs = SIMD4(timesMs[1], timesMs[2], timesMs[3], atMs)
        count = min(count + 1, 4)
        let isStep = last.min() >= max(before.median, latestBefore) + risePercent
        if sinceMs == 0, before.count >= 2, isStep {
            (base, sinceMs) = (before.median, timesMs[0])
        } else if sinceMs > 0, count >= 4, last.max() < base + risePercent / 2 {
            (sinceMs, isLoaded) = (0, false)
        }
        // A load trembles and settles; what repeats itself below the brim is a sensor that is stuck.
        if sinceMs > 0, last.min() < last.max() || level >= 97 { isLoaded = true }
        return Finding(
            condition: isLoaded ? .abnormal : sinceMs > 0 ? .between : .normal, onsetMs: sinceMs > 0 ? sinceMs : atMs,
            score: sinceMs > 0 ? max(0, level - base) / 100 : 0, observed: level,
            expected: sinceMs > 0 ? base : level, threshold: (sinceMs > 0 ? base : level) + risePercent)
    }

    /// Whether so much time has passed since the last level that a crowd may have filled the bin: a quarter of a day, for one
    /// that sends more often than that.
    private func isGap(toMs atMs: Int64) -> Bool {
        count >= 2 && atMs - timesMs[3] > max(6 * hourMs, 3 * (timesMs[3] - timesMs[2]))
    }

    /// What was seen was no level, and no load.
    mutating func forget() {
        before.removeAll()
        (count, sinceMs, isLoaded) = (0, 0, false)
    }

    /// The least of the last four levels.
    var least: Double { last.min() }
    /// The levels before the latest, oldest first.
    var threeBefore: [Double] { [last[0], last[1], last[2]] }

    /// The bin was emptied: what was before says nothing of what is. The last two levels are the new bin's.
    mutating func restart() {
        before.removeAll()
        last = SIMD4(0, 0, last[2], last[3])
        for index in 2...3 { before.append(last[index]) }
        latestBefore = last[3]
        (count, sinceMs, isLoaded) = (0, 0, false)
    }

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&before)
        coder.code(&latestBefore)
        coder.code(&last)
        coder.code(&count, in: 0...4)
        coder.code(&base)
        coder.code(&sinceMs)
        for index in 0..<4 { coder.code(&timesMs[index]) }
        coder.code(&isLoaded)
    }
}
