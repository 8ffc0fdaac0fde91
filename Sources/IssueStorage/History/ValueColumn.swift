/// Doubles, exact to the bit.
///
/// - Decimals, as most sensors send: as scaled integers.
/// - Decimals that went through a conversion of units: the nearest decimal, and how many units in the last place it is off.
/// - Anything else: the bit patterns in the order of the numbers, without the trailing zeros that all have in common
///   (what was a 32-bit float has 29).
enum ValueColumn {
    private enum Mode: UInt64 {
        case decimal, nearDecimal, pattern
    }

    static func write(_ values: [Double], to writer: inout BitWriter) {
        guard !values.isEmpty else { return }
        if let digits = commonDigits(values) {
            writer.write(Mode.decimal.rawValue, bits: 2)
            writer.write(UInt64(digits), bits: 6)
            IntegerColumn.write(values.compactMap { Decimals.scaled($0, digits: digits) }, to: &writer)
            return
        }
        let (shift, patterns) = patterns(of: values)
        let patternPlan = IntegerColumn.plan(patterns)
        if let near = nearDecimals(values), near.bits < patternPlan.bits {
            writer.write(Mode.nearDecimal.rawValue, bits: 2)
            writer.write(UInt64(near.digits), bits: 6)
            IntegerColumn.write(near.scaled, to: &writer)
            IntegerColumn.write(near.offsets, to: &writer)
            return
        }
        writer.write(Mode.pattern.rawValue, bits: 2)
        writer.write(UInt64(shift), bits: 6)
        IntegerColumn.write(patterns, as: patternPlan, to: &writer)
    }

    static func read(count: Int, from reader: inout BitReader) throws(DamagedChunk) -> [Double] {
        guard count > 0 else { return [] }
        let mode = Mode(rawValue: try reader.read(2))
        let detail = Int(try reader.read(6))
        let integers = try IntegerColumn.read(count: count, from: &reader)
        switch mode {
        case .decimal where detail <= Decimals.most:
            return integers.map { Decimals.value($0, digits: detail) }
        case .nearDecimal where detail <= Decimals.most:
            let offsets = try IntegerColumn.read(count: count, from: &reader)
            return zip(integers, offsets).map { scaled, offset in
                number(order(Decimals.value(scaled, digits: detail)) &+ offset)
            }
        case .pattern: return integers.map { number($0 << Int64(detail)) }
        default: throw DamagedChunk()
        }
    }

    /// The fewest digits with which all are exact decimals, or nil.
    private static func commonDigits(_ values: [Double]) -> Int? {
        var digits = 0
        for value in values {
            guard let more = Decimals.digits(of: value, from: digits) else { return nil }
            digits = more
        }
        // A decimal of fewer digits may be too large to be scaled by more.
        return values.allSatisfy { Decimals.isExact($0, digits: digits) } ? digits : nil
    }

    private struct NearDecimals {
        let digits: Int
        private(set) var scaled: [Int64] = []
        private(set) var offsets: [Int64] = []
        var bits: Int { IntegerColumn.plan(scaled).bits + IntegerColumn.plan(offsets).bits }

        /// nil if a value is too large for so many digits.
        init?(_ values: some Collection<Double>, digits: Int) {
            self.digits = digits
            scaled.reserveCapacity(values.count)
            offsets.reserveCapacity(values.count)
            for value in values {
                guard let integer = Decimals.scaled(value, digits: digits) else { return nil }
                scaled.append(integer)
                offsets.append(order(value) &- order(Decimals.value(integer, digits: digits)))
            }
        }
    }

    /// With the digits that suit the first values best.
    private static func nearDecimals(_ values: [Double]) -> NearDecimals? {
        let sample = values.prefix(32)
        let best = (0...Decimals.most).compactMap { NearDecimals(sample, digits: $0) }.min { $0.bits < $1.bits }
        return best.flatMap { NearDecimals(values, digits: $0.digits) }
    }

    /// The bit patterns as integers that sort as the numbers do, and how many trailing zeros were taken off.
    private static func patterns(of values: [Double]) -> (shift: Int, patterns: [Int64]) {
        let ordered = values.map(order)
        let shift = min(63, ordered.reduce(0) { $0 | $1 }.trailingZeroBitCount)
        return (shift, ordered.map { $0 >> Int64(shift) })
    }

    /// Positive numbers keep their pattern; of negative ones the magnitude's bits are turned round.
    private static func order(_ value: Double) -> Int64 {
        let bits = Int64(bitPattern: value.bitPattern)
        return bits >= 0 ? bits : .min &- bits
    }

    private static func number(_ order: Int64) -> Double {
        Double(bitPattern: UInt64(bitPattern: order >= 0 ? order : .min &- order))
    }
}
