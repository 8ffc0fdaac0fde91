/// What the Numenta Anomaly Benchmark pays for a hit, a miss and a false alarm.
///
/// - Source: Lavin & Ahmad, "Evaluating Real-time Anomaly Detection Algorithms" (2015), table I; numenta/NAB
///   `config/profiles.json`.
public struct NABProfile: Sendable, Equatable {
    public var name: String
    public var truePositive: Double
    public var falseNegative: Double
    public var falsePositive: Double

    public static let standard = NABProfile(
        name: "standard", truePositive: 1, falseNegative: 1, falsePositive: 0.11)
    public static let fewFalseAlarms = NABProfile(
        name: "reward_low_FP_rate", truePositive: 1, falseNegative: 1, falsePositive: 0.22)
    public static let fewMisses = NABProfile(
        name: "reward_low_FN_rate", truePositive: 1, falseNegative: 2, falsePositive: 0.11)
}
