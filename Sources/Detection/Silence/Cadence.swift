internal import Readings

/// How often something is heard: the median of its last eight intervals.
///
/// Messages within a minute of each other count as one, so that a device which sends three messages an hour is hourly;
/// allowances start at ten minutes, and no shorter cadence matters.
///
/// - Complexity: O(1). Memory: 48 bytes.
struct Cadence: Sendable, Equatable, StateCodable, BitwiseCopyable {
    private static let mergedMs: Int64 = 60_000

    private var anchorMs = Int64.min
    private var lastS = SIMD8<Int32>(repeating: 0)
    private var count: UInt8 = 0
    private var position: UInt8 = 0
    /// The median, or 0 before three intervals are known.
    private(set) var medianS: Int32 = 0

    mutating func heard(atMs: Int64) {
        guard anchorMs != .min else {
            anchorMs = atMs
            return
        }
        let intervalMs = atMs - anchorMs
        guard intervalMs >= Self.mergedMs else { return }
        anchorMs = atMs
        lastS[Int(position)] = Int32(clamping: intervalMs / 1000)
        position = (position + 1) % 8
        count = min(count + 1, 8)
        if count >= 3 { medianS = median() }
    }

    /// After a silence or an outage: the interval that contains it says nothing of the cadence.
    mutating func skip(toMs atMs: Int64) { anchorMs = atMs }

    private func median() -> Int32 {
        var sorted = lastS
        for i in 1..<Int(count) {
            let value = sorted[i]
            var j = i
            while j > 0, sorted[j - 1] > value {
                sorted[j] = sorted[j - 1]
                j -= 1
            }
            sorted[j] = value
        }
        return sorted[Int(count) / 2]
    }

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&anchorMs)
        for place in 0..<8 { coder.code(&lastS[place]) }
        coder.code(&count)
        coder.code(&position)
        coder.code(&medianS)
        coder.require(count <= 8 && position < 8, .badValue, "a cadence")
    }
}
