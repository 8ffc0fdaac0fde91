public import Readings

/// How long one value has been repeated, and the longest such run that was learned as ordinary.
///
/// - Complexity: O(1). Memory: 48 bytes.
public struct RunLength: Sendable, Equatable, StateCodable, BitwiseCopyable {
    /// The value of the current run.
    public private(set) var value = Double.nan
    /// Readings in the current run.
    public private(set) var count = 0
    /// Event time of its first reading.
    public private(set) var sinceMs: Int64 = 0
    /// The longest finished runs that ``append(_:atMs:isLearning:)`` was allowed to learn: of zeros, and of others.
    public private(set) var longestZeros = 0, longestOthers = 0

    public init() {}

    public mutating func append(_ value: Double, atMs: Int64, isLearning: Bool) {
        if value == self.value {
            count += 1
            return
        }
        if isLearning, self.value == 0 { longestZeros = max(longestZeros, count) }
        if isLearning, self.value != 0 { longestOthers = max(longestOthers, count) }
        self.value = value
        count = 1
        sinceMs = atMs
    }

    public static func == (a: RunLength, b: RunLength) -> Bool {
        (a.value == b.value || a.value.isNaN && b.value.isNaN) && a.count == b.count && a.sinceMs == b.sinceMs
            && a.longestZeros == b.longestZeros
            && a.longestOthers == b.longestOthers
    }

    public mutating func code(_ coder: inout StateCoder) {
        coder.code(&value)
        // More than any sensor sends, and little enough to be multiplied.
        coder.code(&count, in: 0...1 << 48)
        coder.code(&sinceMs)
        coder.code(&longestZeros, in: 0...1 << 48)
        coder.code(&longestOthers, in: 0...1 << 48)
    }
}
