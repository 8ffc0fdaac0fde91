/// Times in milliseconds: whole multiples of what all differences have in common (devices tell seconds or minutes), then
/// an ``IntegerColumn``. A steady rhythm costs nothing.
enum TimeColumn {
    static func write(_ times: [Int64], to writer: inout BitWriter) {
        guard let first = times.first else { return }
        var divisor: UInt64 = 0
        for time in times.dropFirst() where divisor != 1 {
            divisor = greatestCommonDivisor((time &- first).magnitude, divisor)
        }
        // All the same, or so far apart that no signed number divides them.
        if divisor == 0 || divisor > UInt64(Int64.max) { divisor = 1 }
        writer.write(UInt64(bitPattern: first), bits: 64)
        writer.writeSized(divisor)
        let step = Int64(divisor)
        IntegerColumn.write(times.map { ($0 &- first) / step }, to: &writer)
    }

    static func read(count: Int, from reader: inout BitReader) throws(DamagedChunk) -> [Int64] {
        guard count > 0 else { return [] }
        let first = Int64(bitPattern: try reader.read(64))
        let step = Int64(truncatingIfNeeded: try reader.readSized())
        return try IntegerColumn.read(count: count, from: &reader).map { first &+ $0 &* step }
    }

    private static func greatestCommonDivisor(_ a: UInt64, _ b: UInt64) -> UInt64 {
        var (a, b) = (a, b)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }
}
