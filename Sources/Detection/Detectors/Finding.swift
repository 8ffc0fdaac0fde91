internal import Readings

/// What a detector says of one moment; a ``Verdict`` without rule, quantity and time.
struct Finding: Sendable, Equatable, StateCodable, BitwiseCopyable {
    var condition: Verdict.Condition
    var onsetMs: Int64
    var score: Double
    var observed: Double
    var expected: Double
    var threshold: Double
    var forecastMs: Int64 = 0
    /// The bounds of ``forecastMs``.
    var forecastLowMs: Int64 = 0, forecastHighMs: Int64 = 0
    /// σ of what is usual, in the unit of ``observed``; 0 where the detector knows none.
    var spread = 0.0
    /// What it costs, in the rule's own measure.
    var estimate = Interval.unknown

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&condition)
        coder.code(&onsetMs)
        coder.code(&score)
        coder.code(&observed)
        coder.code(&expected)
        coder.code(&threshold)
        coder.code(&forecastMs)
        coder.code(&forecastLowMs)
        coder.code(&forecastHighMs)
        coder.code(&spread)
        coder.code(&estimate)
    }

    /// Nothing to be seen.
    static func normal(_ value: Double, atMs: Int64) -> Finding {
        Finding(condition: .normal, onsetMs: atMs, score: 0, observed: value, expected: value, threshold: value)
    }
}

extension StateCoder {
    mutating func code(_ finding: inout Finding?) {
        let none = Finding(condition: .unknown, onsetMs: 0, score: 0, observed: 0, expected: 0, threshold: 0)
        code(&finding, fresh: none)
    }
}
