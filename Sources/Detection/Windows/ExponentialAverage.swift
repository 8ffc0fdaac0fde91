public import Readings

/// An exponentially weighted level and mean absolute deviation, in the unit of its values.
///
/// Starts as a plain average, so that the first values do not weigh for ever: the rate is `max(rate, 1/n)`.
///
/// - Complexity: O(1). Memory: 40 bytes.
/// - Source: Roberts, Technometrics 1 (1959); Hunter, J. Quality Technology 18 (1986).
public struct ExponentialAverage: Sendable, Equatable, StateCodable, BitwiseCopyable {
    /// The weight of a new value, 0 to 1.
    public let rate: Double
    public private(set) var level = 0.0
    /// Mean absolute distance of values from the level before them. 1.2533 times it estimates a standard deviation.
    public private(set) var deviation = 0.0
    public private(set) var count = 0

    public init(rate: Double) {
        precondition(rate > 0 && rate <= 1, "rate must be in (0, 1], was \(rate)")
        self.rate = rate
    }

    public mutating func append(_ value: Double) {
        count += 1
        guard count > 1 else {
            level = value
            return
        }
        let distance = value - level
        level += max(rate, 1 / Double(count)) * distance
        deviation += max(rate, 1 / Double(count - 1)) * (abs(distance) - deviation)
    }

    /// Moves the level: what is measured has been re-based.
    public mutating func add(_ shift: Double) { level += shift }

    /// Changes the level, and scales the deviation with it.
    public mutating func apply(_ change: DayFit.Change) {
        level = change.applied(to: level)
        deviation *= 1 + change.share
    }

    public mutating func code(_ coder: inout StateCoder) {
        coder.code(&level)
        coder.code(&deviation)
        coder.code(&count, in: 0...Int.max)
    }
}
