internal import Readings
internal import TimeBase

/// Finds water where none belongs: a contact that is wet nearly all of half a day.
///
/// What a contact says holds until its next word, whether it tells every hour, once a day, or only of changes and now and
/// then that it lives: an hour without a word is as the last word left it. A contact that has been quiet for longer than its
/// words tell may have said something that was lost, and then nothing is known of what lay between (see ``Hold``).
///
/// A shower of rain dries; a leak does not. And rain wets the neighbours: while a third of the zone's other contacts
/// are wet (some stand indoors), being wet tells nothing, and such an hour counts neither way. The last one to dry has as long
/// for it as a leak has to be told.
///
/// - Complexity: O(1) amortised an hour. Memory: 0.6 kB.
struct WetContactDetector: Sendable, Equatable, StateCodable {
    private let parameters: WetContactParameters
    private var hours = SlotMean(lengthMs: hourMs)
    private var hold = Hold()
    private var long: TrailingMoments
    private var short = TrailingMoments(spanMs: 6 * hourMs, capacity: 7)
    private var wetSinceMs: Int64 = 0

    init(parameters: WetContactParameters) {
        self.parameters = parameters
        long = TrailingMoments(spanMs: Int64(parameters.hours) * hourMs, capacity: parameters.hours + 1)
    }

    /// Folds in a reading: 0 dry, 1 wet.
    ///
    /// - Returns: What the latest hour says, or nil when no hour was completed or too few are known.
    mutating func observe(_ value: Double, atMs: Int64, isRaining: Bool = false) -> Finding? {
        let isWet = value >= 0.5
        let done = hours.append(isWet ? 1 : 0, atMs: atMs)
        let held = hold.append(isWet, atMs: atMs)
        if let hour = done.earlier { append(hour.mean >= 0.5, atMs: hour.atMs, isRaining) }
        for hour in held.hours { append(held.isWet, atMs: hour * hourMs, isRaining) }
        if let hour = done.own { append(hour.mean >= 0.5, atMs: hour.atMs, isRaining) }
        guard done.earlier != nil || done.own != nil || !held.hours.isEmpty else { return nil }
        return judge(atMs: atMs)
    }

    private mutating func append(_ isWet: Bool, atMs: Int64, _ isRaining: Bool) {
        if !isWet || !isRaining {
            long.append(isWet ? 1 : 0, atMs: atMs)
            short.append(isWet ? 1 : 0, atMs: atMs)
        }
        long.expire(nowMs: atMs)
        short.expire(nowMs: atMs)
        if shortWet <= 1 { wetSinceMs = atMs }
    }

    private var shortWet: Double { (short.mean * Double(short.count)).rounded() }

    private func judge(atMs: Int64) -> Finding {
        // A dry word opens nothing, however wet it was before.
        let isWet = hold.isWet && long.count >= parameters.hours - 2 && long.mean >= parameters.share
        let isDry = short.count >= 4 && shortWet <= 1
        return Finding(
            condition: isDry ? .normal : isWet ? .abnormal : .between,
            onsetMs: wetSinceMs == 0 ? long.oldestMs ?? atMs : wetSinceMs, score: long.mean, observed: long.mean,
            expected: 0, threshold: parameters.share)
    }

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&hours)
        coder.code(&long)
        coder.code(&short)
        coder.code(&wetSinceMs)
    }

    /// What ``code(_:)`` did not hold once.
    mutating func codeLater(_ coder: inout StateCoder) { coder.code(&hold) }
}

extension WetContactDetector {
    /// A contact's last word, and how long it holds: three times its longest interval of late, as many as silence begins
    /// with; before there is one, three days. What is late is forgotten over a day, so that a contact which trembled for
    /// hours is still believed for a day, and one that is back after an outage is soon expected every hour again.
    private struct Hold: Sendable, Equatable, StateCodable, BitwiseCopyable {
        /// No contact is believed for longer than three times this.
        private static let longestMs = 7 * dayMs

        private(set) var isWet = false
        private var atMs = Int64.min
        /// 0 before there is one.
        private var intervalMs: Int64 = 0

        /// Takes the next word.
        ///
        /// - Returns: The whole hours since the last word, counted from the epoch, if it held until now, and what it was.
        mutating func append(_ next: Bool, atMs nextMs: Int64) -> (hours: Range<Int64>, isWet: Bool) {
            defer { (isWet, atMs) = (next, nextMs) }
            guard atMs != .min else { return (0..<0, next) }
            let gapMs = nextMs - atMs
            let allowedMs = 3 * (intervalMs == 0 ? dayMs : intervalMs)
            // Words within one hour are one.
            let (first, last) = (floorDivide(atMs, hourMs), floorDivide(nextMs, hourMs))
            guard first < last else { return (0..<0, next) }
            intervalMs = min(max(gapMs, intervalMs * dayMs / (dayMs + min(gapMs, Self.longestMs))), Self.longestMs)
            return (gapMs <= allowedMs ? first + 1..<last : 0..<0, isWet)
        }

        mutating func code(_ coder: inout StateCoder) {
            coder.code(&isWet)
            coder.code(&atMs)
            coder.code(&intervalMs)
            coder.require((0...Self.longestMs).contains(intervalMs), .badValue, "a contact's interval")
        }
    }
}

/// When a contact counts as wet.
public struct WetContactParameters: Sendable, Equatable {
    /// Hours of the window. Longer than most rain lasts; neighbours tell of the rest.
    public var hours = 12
    /// The share of them that must be wet.
    public var share = 0.9

    public init() {}

    func problems(_ key: String) -> [String] {
        var found: [String] = []
        if !(4...72).contains(hours) { found.append("\(key).hours: must be 4–72, found \(hours)") }
        if !(0.5...1).contains(share) { found.append("\(key).share: must be 0.5–1, found \(share)") }
        return found
    }
}
