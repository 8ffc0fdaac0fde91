public import Readings

/// A one-sided cumulative sum of standardised values: it grows when their mean has drifted up.
///
/// `S ← max(0, S + z − slack)`.
///
/// - Complexity: O(1). Memory: 24 bytes.
/// - Source: Page, Biometrika 41 (1954); NIST/SEMATECH e-Handbook of Statistical Methods, §6.3.2.3.
public struct CumulativeSum: Sendable, Equatable, StateCodable, BitwiseCopyable {
    /// Drift to ignore, in standard deviations.
    public let slack: Double
    /// Where ``isAbove`` begins, in standard deviations.
    public let limit: Double
    public private(set) var sum = 0.0

    public init(slack: Double, limit: Double) {
        precondition(slack >= 0 && limit > 0, "slack and limit must be positive, were \(slack) and \(limit)")
        (self.slack, self.limit) = (slack, limit)
    }

    public mutating func append(_ z: Double) { sum = max(0, sum + z - slack) }

    public var isAbove: Bool { sum >= limit }

    public mutating func reset() { sum = 0 }

    public mutating func code(_ coder: inout StateCoder) {
        coder.code(&sum)
    }
}
