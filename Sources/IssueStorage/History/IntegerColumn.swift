/// Integers, each coded as what is unexpected about it: its difference from the first, from the one before, or from a
/// straight line through the last two, whichever takes the fewest bits.
///
/// The differences are Golomb–Rice coded: cheap for small ones, with an escape for the odd large one. All arithmetic
/// wraps, so any 64-bit numbers come back.
///
/// - Source: Rice and Plaunt, IEEE Trans. Commun. 19 (1971); the orders of prediction as in FLAC, RFC 9639 §9.2.6.
enum IntegerColumn {
    /// How a column is going to be coded.
    struct Plan {
        /// Which difference: 0, 1 or 2.
        var order: Int
        /// Low bits that are written as they are; or ``allZero``.
        var parameter: Int
        /// What it takes, in bits.
        var bits: Int
    }

    /// Stands for the parameter where no difference has anything in it.
    private static let allZero = 63
    /// So many ones announce a number with its own width.
    private static let escape = 24

    /// Finds the cheapest way.
    static func plan(_ values: [Int64]) -> Plan {
        var best = plan(values, order: 0)
        for order in 1...2 where best.parameter != allZero {
            let other = plan(values, order: order)
            if other.bits < best.bits { best = other }
        }
        return best
    }

    static func write(_ values: [Int64], as plan: Plan, to writer: inout BitWriter) {
        guard let first = values.first else { return }
        writer.write(UInt64(plan.order), bits: 2)
        writer.write(UInt64(plan.parameter), bits: 6)
        writer.writeSized(zigzag(first))
        if plan.parameter == allZero { return }
        let parameter = UInt64(plan.parameter)
        var predictor = Predictor(order: plan.order, first: first)
        for value in values.dropFirst() {
            let residual = predictor.residual(value)
            let quotient = residual >> parameter
            if quotient < escape {
                writer.write((1 << (quotient + 1)) - 2, bits: Int(quotient) + 1)
                writer.write(residual & (1 << parameter - 1), bits: plan.parameter)
            } else {
                writer.write(1 << UInt64(escape) - 1, bits: escape)
                writer.writeSized(residual)
            }
        }
    }

    static func write(_ values: [Int64], to writer: inout BitWriter) { write(values, as: plan(values), to: &writer) }

    static func read(count: Int, from reader: inout BitReader) throws(DamagedChunk) -> [Int64] {
        guard count > 0 else { return [] }
        let order = Int(try reader.read(2))
        let parameter = Int(try reader.read(6))
        let first = unzigzag(try reader.readSized())
        guard order <= 2 else { throw DamagedChunk() }
        var values = [first]
        values.reserveCapacity(count)
        var predictor = Predictor(order: order, first: first)
        while values.count < count {
            var residual: UInt64 = 0
            if parameter != allZero {
                let ones = try reader.readOnes(upTo: escape)
                residual =
                    ones < escape
                    ? UInt64(ones) << UInt64(parameter) | (try reader.read(parameter)) : try reader.readSized()
            }
            values.append(predictor.value(residual))
        }
        return values
    }

    private static func plan(_ values: [Int64], order: Int) -> Plan {
        // How many differences have which width.
        var widths = InlineArray<65, Int>(repeating: 0)
        var widest = 0
        guard let first = values.first else { return Plan(order: order, parameter: allZero, bits: 0) }
        var predictor = Predictor(order: order, first: first)
        for value in values.dropFirst() {
            let width = 64 - predictor.residual(value).leadingZeroBitCount
            widths[width] += 1
            widest = max(widest, width)
        }
        let head = 2 + 6 + 7 + 64 - zigzag(first).leadingZeroBitCount
        if widest == 0 { return Plan(order: order, parameter: allZero, bits: head) }
        var best = Plan(order: order, parameter: 0, bits: .max)
        for parameter in 0...min(widest, 62) {
            var bits = head
            for width in 0...widest where widths[width] > 0 {
                bits += widths[width] * cost(ofWidth: width, parameter: parameter)
            }
            if bits < best.bits { best = Plan(order: order, parameter: parameter, bits: bits) }
        }
        return best
    }

    /// What a difference of this width takes, about: three quarters of the greatest such number stand for them all.
    private static func cost(ofWidth width: Int, parameter: Int) -> Int {
        if width <= parameter { return parameter + 1 }
        let excess = width - parameter
        // From 2^5 × 3/4 = 24 on the typical number of this width is escaped.
        return excess >= 6 ? escape + 7 + width : (3 << excess) / 4 + 1 + parameter
    }

    /// Small magnitudes become small numbers.
    private static func zigzag(_ value: Int64) -> UInt64 { UInt64(bitPattern: (value << 1) ^ (value >> 63)) }

    private static func unzigzag(_ value: UInt64) -> Int64 {
        Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// What the next number should be.
    private struct Predictor {
        let order: Int
        let first: Int64
        var last: Int64
        var slope: Int64 = 0

        init(order: Int, first: Int64) { (self.order, self.first, last) = (order, first, first) }

        private var expected: Int64 {
            switch order {
            case 0: first
            case 1: last
            default: last &+ slope
            }
        }

        mutating func residual(_ value: Int64) -> UInt64 {
            let residual = zigzag(value &- expected)
            learn(value)
            return residual
        }

        mutating func value(_ residual: UInt64) -> Int64 {
            let value = expected &+ unzigzag(residual)
            learn(value)
            return value
        }

        private mutating func learn(_ value: Int64) {
            slope = value &- last
            last = value
        }
    }
}
