/// What a detector says of one moment; a ``Verdict`` without rule, quantity and time.
struct Finding: Sendable, Equatable, BitwiseCopyable {
    var condition: Verdict.Condition
    var onsetMs: Int64
    var score: Double
    var observed: Double
    var expected: Double
    var threshold: Double
    var forecastMs: Int64 = 0
}
