import Foundation
import IssueStorage
import Readings
import Simulation
import Testing

/// Chunks of history give back what was put in, to the bit.
@Suite struct PackingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var readings: [HistoryReading]
        /// The most bytes a reading may take, or nil where that does not matter.
        var bytesPerReading: Double?

        init(_ description: String, atMost bytes: Double? = nil, _ readings: [HistoryReading]) {
            testDescription = description
            bytesPerReading = bytes
            self.readings = readings
        }
    }

    /// A reading a minute.
    static func steady(_ count: Int = 500, _ value: (Int) -> Double) -> [HistoryReading] {
        (0..<count).map { HistoryReading(atMs: midnightMs + Int64($0) * 60_000, value: value($0)) }
    }

    @Test(arguments: [
        Case("nothing", []),
        Case("one reading", steady(1) { _ in 0.1 }),
        Case("always the same", atMost: 0.2, steady { _ in 12.5 }),
        Case("one decimal", atMost: 1.1, steady { Double(($0 * 7919) % 61) / 10 + 30 }),
        Case("two decimals", atMost: 1.6, steady { Double(($0 * 7919) % 997) / 100 }),
        Case("litres a second as cubic metres an hour", atMost: 1.9, steady { Double(($0 * 7919) % 61) / 10 * 3.6 }),
        Case("32-bit floats", atMost: 4.6, steady { Double(Float(sin(Double($0)) * 40)) }),
        Case("any doubles", atMost: 8.5, steady { sin(Double($0)) }),
        Case(
            "large, small, negative",
            [
                HistoryReading(atMs: 0, value: .greatestFiniteMagnitude), HistoryReading(atMs: 1, value: -.pi),
                HistoryReading(atMs: 2, value: -.greatestFiniteMagnitude),
                HistoryReading(atMs: 3, value: .leastNonzeroMagnitude),
                HistoryReading(atMs: 4, value: -.leastNonzeroMagnitude),
                HistoryReading(atMs: 5, value: 9_007_199_254_740_994), HistoryReading(atMs: 6, value: 0),
            ]),
        Case(
            "a decimal too large for its neighbour's digits",
            [
                HistoryReading(atMs: 0, value: 9_007_199_254_740_991), HistoryReading(atMs: 1, value: 0.000_000_001),
            ]),
        Case(
            "times at both ends of all time",
            [
                HistoryReading(atMs: .min, value: 1), HistoryReading(atMs: -1, value: 2),
                HistoryReading(atMs: 0, value: 3),
                HistoryReading(atMs: .max, value: 4),
            ]),
        Case("one moment", (0..<300).map { HistoryReading(atMs: midnightMs, value: Double($0)) }),
        Case("a gap of a year", steady(10) { _ in 1 } + [HistoryReading(atMs: midnightMs + 31_536_000_000, value: 1)]),
        Case(
            "flags here and there", atMost: 0.5,
            steady { _ in 1 }.enumerated().map { number, reading in
                var reading = reading
                if number % 100 == 7 { reading.flags = [.late, .conflict] }
                return reading
            }),
        Case("flags that nobody has named yet", [HistoryReading(atMs: 0, value: 1, flags: .init(rawValue: 0xFFFF))]),
    ])
    func readingsComeBackToTheBit(_ c: Case) throws {
        let bytes = HistoryReading.pack(c.readings)
        let back = try HistoryReading.unpack(bytes)
        #expect(back.map(\.value.bitPattern) == c.readings.map(\.value.bitPattern))
        #expect(back == c.readings)
        if let most = c.bytesPerReading { #expect(Double(bytes.count) <= most * Double(c.readings.count)) }
    }

    @Test(arguments: 0..<40)
    func anySeriesComesBack(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<25 {
            let readings = Self.anyReadings(&random)
            #expect(try HistoryReading.unpack(HistoryReading.pack(readings)) == readings)
            let buckets = readings.map { reading in
                let count = Int.random(in: 1...3, using: &random)
                return HistoryBucket(
                    startMs: reading.atMs, count: count, least: reading.value,
                    greatest: count == 1 ? reading.value : Self.anyValue(3, &random),
                    sum: count == 1 ? reading.value : Self.anyValue(5, &random))
            }
            #expect(try HistoryBucket.unpack(HistoryBucket.pack(buckets)) == buckets)
        }
    }

    @Test(arguments: 0..<20)
    func damagedBytesAreRefusedOrReadButNeverTrap(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            var bytes = HistoryReading.pack(Self.anyReadings(&random))
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
            }
            if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
            _ = try? HistoryReading.unpack(bytes)
            _ = try? HistoryBucket.unpack(bytes)
        }
        #expect(throws: (any Error).self) { try HistoryReading.unpack([]) }
        #expect(throws: (any Error).self) { try HistoryReading.unpack([0xFF, 0xFF, 0xFF, 0xFF]) }
    }

    /// Of one kind each: rhythms with jitter, gaps and ties; decimals, floats, patterns, extremes.
    private static func anyReadings(_ random: inout SeededGenerator) -> [HistoryReading] {
        let kind = Int.random(in: 0..<6, using: &random)
        let step = [1, 1000, 60_000, 1_800_000].randomElement(using: &random) ?? 1
        let jitter: Int64 = [0, 3, 1000, 1_000_000].randomElement(using: &random) ?? 0
        var atMs = Int64.random(in: -1_000_000_000_000...2_000_000_000_000, using: &random)
        return (0..<Int.random(in: 1...400, using: &random)).map { _ in
            atMs += Int64.random(in: 0...jitter, using: &random)
            if Int.random(in: 0..<10, using: &random) > 0 { atMs += Int64(step) }
            if Int.random(in: 0..<100, using: &random) == 0 { atMs += 86_400_000 * Int64(step) }
            let flags = kind == 5 ? UInt16.random(in: 0...7, using: &random) : 0
            return HistoryReading(
                atMs: atMs, value: anyValue(kind, &random), flags: ReadingFlags(rawValue: flags))
        }
    }

    private static func anyValue(_ kind: Int, _ random: inout SeededGenerator) -> Double {
        switch kind {
        case 0: return Double(Int.random(in: 0...1, using: &random))
        case 1: return Double(Int.random(in: -5000...5000, using: &random)) / 100
        case 2: return Double(Int.random(in: 0...999, using: &random)) / 10 * 3.6
        case 3: return Double(Float.random(in: -100...100, using: &random))
        case 4: return Double.random(in: -1e9...1e9, using: &random)
        default:
            let value = Double(bitPattern: UInt64.random(in: 0...UInt64.max, using: &random))
            return value.isFinite ? value + 0 : 1e300
        }
    }
}
