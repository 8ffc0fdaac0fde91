internal import Readings

/// Finds water where none belongs: a contact that is wet nearly all of half a day.
///
/// A shower of rain dries; a leak does not. And rain wets the neighbours: while a third of the zone's other contacts
/// are wet (some stand indoors), being wet tells nothing, and such an hour counts neither way. The last one to dry has as long
/// for it as a leak has to be told.
///
/// - Complexity: O(1) amortised an hour. Memory: 0.6 kB.
struct WetContactDetector: Sendable, Equatable, StateCodable {
    private let parameters: WetContactParameters
    private var hours = SlotMean(lengthMs: hourMs)
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
        let done = hours.append(value >= 0.5 ? 1 : 0, atMs: atMs)
        guard let hour = done.own ?? done.earlier else { return nil }
        let wet = hour.mean >= 0.5 ? 1.0 : 0.0
        if wet == 0 || !isRaining {
            long.append(wet, atMs: hour.atMs)
            short.append(wet, atMs: hour.atMs)
        }
        long.expire(nowMs: hour.atMs)
        short.expire(nowMs: hour.atMs)
        let shortWet = (short.mean * Double(short.count)).rounded()
        if shortWet <= 1 { wetSinceMs = hour.atMs }
        let isWet = long.count >= parameters.hours - 2 && long.mean >= parameters.share
        let isDry = short.count >= 4 && shortWet <= 1
        return Finding(
            condition: isDry ? .normal : isWet ? .abnormal : .between,
            onsetMs: wetSinceMs == 0 ? long.oldestMs ?? hour.atMs : wetSinceMs, score: long.mean, observed: long.mean,
            expected: 0, threshold: parameters.share)
    }

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&hours)
        coder.code(&long)
        coder.code(&short)
        coder.code(&wetSinceMs)
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
