internal import TimeBase

/// A small generator of random numbers that gives the same sequence for the same seed, on every machine.
///
/// SplitMix64: the state is a counter that grows by the golden ratio, the output is that counter, mixed.
/// - Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014;
///   the constants are Stafford's variant 13, as in Java's `SplittableRandom`.
public struct SeededGenerator: RandomNumberGenerator, Sendable, Equatable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= SeededHash.step
        return SeededHash.mix(state)
    }

    /// A number in `0 ..< 1`.
    public mutating func nextUnit() -> Double { SeededHash.unit(next()) }

    /// A whole number in `range`. Cheaper than the standard library's, and its sequence is ours to keep stable.
    public mutating func next(in range: Range<Int>) -> Int {
        precondition(!range.isEmpty, "there is no number in an empty range")
        return range.lowerBound + Int(next().multipliedFullWidth(by: UInt64(range.count)).high)
    }
}

/// SplitMix64 by counter: number `n` of a key's sequence without the numbers before it.
///
/// With it any reading of any sensor at any time is computed on its own: value = f(key of the sensor, time).
public enum SeededHash {
    static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

    static func mix(_ state: UInt64) -> UInt64 {
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Number `n` of the sequence that `key` names.
    public static func hash(_ key: UInt64, _ n: Int64) -> UInt64 { mix(key &+ UInt64(bitPattern: n) &* step) }

    /// The key of sub-sequence `purpose`, so that one sensor's numbers for different uses don't echo each other.
    public static func key(_ key: UInt64, _ purpose: Int64) -> UInt64 {
        mix(mix(key ^ 0xD6E8_FEB8_6659_FD93) &+ UInt64(bitPattern: purpose) &* step)
    }

    /// A number in `0 ..< 1` from the upper 53 bits.
    static func unit(_ bits: UInt64) -> Double { Double(bits >> 11) * 0x1p-53 }

    /// Number `n` of the sequence, in `0 ..< 1`.
    public static func unit(_ key: UInt64, _ n: Int64) -> Double { unit(hash(key, n)) }

    /// Number `n` of the sequence, nearly normal: mean 0, deviation 1, never beyond ±3.47.
    ///
    /// The sum of four uniform numbers (Irwin–Hall): cheap, and its short tails never fake an anomaly.
    public static func normal(_ key: UInt64, _ n: Int64) -> Double {
        let bits = hash(key, n)
        let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48)
        return (Double(sum) - 131_070) * (3.0.squareRoot() / 65_536)
    }

    /// Noise that drifts: nearly normal at multiples of `periodS` and straight lines between.
    public static func drift(_ key: UInt64, atS second: Int64, periodS: Int64) -> Double {
        let (knot, rest) = (floorDivide(second, periodS), floorModulo(second, periodS))
        let share = Double(rest) / Double(periodS)
        return normal(key, knot) * (1 - share) + normal(key, knot + 1) * share
    }
}
