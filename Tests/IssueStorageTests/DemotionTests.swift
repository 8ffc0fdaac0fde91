import Foundation
import GRDB
import Incidents
import IssueStorage
import Readings
import Testing

/// Old readings become minutes, hours, days, and go; whatever becomes of them, the sums stay right.
@Suite struct DemotionTests {
    static let dayMs: Int64 = 86_400_000
    static let days: Int64 = 40
    /// Raw for 1 day, minutes to 3, hours to 10, days to 30; counted from the fortieth day's end.
    static var policy: StoreConfiguration {
        var configuration = StoreConfiguration()
        configuration.history.keepRaw = .seconds(86_400)
        configuration.history.keepMinutes = .seconds(3 * 86_400)
        configuration.history.keepHours = .seconds(10 * 86_400)
        configuration.history.keepDays = .seconds(30 * 86_400)
        return configuration
    }

    /// A reading each 20 s of every ninth minute, of 3 sensors: 0.01 … 9.99.
    static var stream: [LoggedReading] {
        var stream: [LoggedReading] = []
        for step in 0..<days * 24 * 60 * 3 where step / 3 % 9 == 0 {
            for sensor in UInt32(0)..<3 {
                let sequence = Int64(stream.count) + 1
                stream.append(
                    reading(
                        sequence, sensor: sensor, atMs: midnightMs + step * 20_000,
                        value: Double((sequence * 7919) % 999 + 1) / 100))
            }
        }
        return stream
    }

    static func commit(_ stream: [LoggedReading], _ tools: SteppedStore.Tools) throws {
        try tools.commit { batch in
            batch.newSensors = (0..<3).map { newSensor(-3 + Int64($0), number: UInt32($0), id: "s\($0)") }
            batch.readings = stream
        }
        try tools.tick(1_000_000, afterDays: Double(days))
    }

    /// Buckets of `widthMs` as they should be, from `fromMs` to the end.
    static func expected(_ stream: [LoggedReading], sensor: UInt32, from fromMs: Int64, widthMs: Int64)
        -> [HistoryBucket]
    {
        var buckets: [Int64: [Double]] = [:]
        for logged in stream where logged.reading.sensor.rawValue == sensor && logged.reading.observedAtMs >= fromMs {
            let place = (logged.reading.observedAtMs - fromMs) / widthMs
            buckets[place, default: []].append(logged.reading.value)
        }
        return buckets.sorted { $0.key < $1.key }.map { place, values in
            let hundredths = values.reduce(0) { $0 + Int(($1 * 100).rounded()) }
            return HistoryBucket(
                startMs: fromMs + place * widthMs, count: values.count, least: values.min() ?? .nan,
                greatest: values.max() ?? .nan, sum: Double(hundredths) / 100)
        }
    }

    /// Each tier's stretch, in buckets of its own width, is what the readings say.
    static func check(
        _ directory: TemporaryDirectory, _ stream: [LoggedReading], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let reader = try IssueReader(directory: directory.path)
        let endMs = midnightMs + days * dayMs
        for sensor in UInt32(0)..<3 {
            for (keptDays, widthMs) in [(Int64(30), dayMs), (10, 3_600_000), (3, 60_000), (1, 20_000)] {
                let fromMs = endMs - keptDays * dayMs
                let series = try await reader.series(
                    ofSensor: "s\(sensor)", quantity: .flow, fromMs: fromMs, toMs: endMs - 1,
                    points: Int(keptDays * dayMs / widthMs))
                let expected = expected(stream, sensor: sensor, from: fromMs, widthMs: widthMs)
                #expect(series == expected, "\(keptDays) days of s\(sensor)", sourceLocation: sourceLocation)
            }
            let raw = try await reader.history(ofSensor: "s\(sensor)", quantity: .flow, fromMs: 0, toMs: .max)
            let expectedRaw = expectedHistory(stream, sensor: sensor).filter { $0.atMs >= endMs - dayMs }
            #expect(raw.suffix(expectedRaw.count) == expectedRaw, sourceLocation: sourceLocation)
        }
    }

    @Test func sumsStayRightAfterEveryStep() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let stream = Self.stream
        let store = SteppedStore(directory: directory, configuration: Self.policy)
        let copies = try store.run { tools in
            try Self.commit(stream, tools)
            var copies = [try directory.copy()]
            while try tools.keeper.step() { copies.append(try directory.copy()) }
            return copies
        }
        defer { for copy in copies { copy.remove() } }
        #expect(copies.count > 10)
        for copy in copies {
            try await Self.check(copy, stream)
            _ = try SteppedStore(directory: copy, configuration: Self.policy).run { try $0.settle() }
            try await Self.check(copy, stream)
        }
    }

    @Test func eachTierHoldsItsStretchAndNoMore() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try SteppedStore(directory: directory, configuration: Self.policy).run { tools in
            try Self.commit(Self.stream, tools)
            try tools.settle()
            let end = midnightMs + Self.days * Self.dayMs
            for (tier, from, to) in [(0, 1, 0), (1, 3, 1), (2, 10, 3), (3, 30, 10)] {
                let ends = try Row.fetchOne(
                    tools.db,
                    sql:
                        "SELECT min(first_at) AS first, max(last_at) AS last FROM history_chunk WHERE tier = ? AND stream < 999",
                    arguments: [tier])
                guard tier > 0 else { continue }
                let (first, last): (Int64, Int64) = (ends?["first"] ?? 0, ends?["last"] ?? 0)
                #expect(first == end - Int64(from) * Self.dayMs, "tier \(tier)")
                #expect(last < end - Int64(to) * Self.dayMs, "tier \(tier)")
            }
            let oldestRaw = try Int64.fetchOne(
                tools.db,
                sql: """
                    SELECT min(first_at) FROM (SELECT first_at FROM history_chunk WHERE tier = 0
                    UNION ALL SELECT first_at FROM history_open)
                    """)
            #expect(oldestRaw == end - Self.dayMs)
        }
    }

    @Test func aClockFarAheadForAMomentThrowsNothingAway() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try SteppedStore(directory: directory, configuration: Self.policy).run { tools in
            try Self.commit(Self.stream, tools)
            try tools.settle()
            let count = { (tier: Int) in
                try Int.fetchOne(
                    tools.db, sql: "SELECT count(*) FROM history_chunk WHERE tier = ? AND stream < 999",
                    arguments: [tier]) ?? 0
            }
            let before = try (1...3).map(count)
            // A year ahead, then right again.
            try tools.tick(2_000_000, afterDays: Double(Self.days) + 365)
            try tools.settle()
            try tools.tick(2_000_001, afterDays: Double(Self.days) + 0.01)
            try tools.settle()
            let after = try (1...3).map(count)
            #expect(zip(before, after).allSatisfy { $0 > 0 && $1 > 0 })
        }
    }

    @Test func whatComesLateFindsItsTier() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let stream = Self.stream
        let endMs = midnightMs + Self.days * Self.dayMs
        // In each tier's stretch, beside readings and where there are none; the last is older than all that is kept.
        let late = [0.5, 2.0, 2.001, 5.0, 5.01, 20.0, 20.02, 35.0].enumerated().map { number, daysAgo in
            reading(
                1_000_001 + Int64(number), sensor: 1, atMs: endMs - Int64(daysAgo * Double(Self.dayMs)), value: 12.34,
                flags: .late)
        }
        try SteppedStore(directory: directory, configuration: Self.policy).run { tools in
            try Self.commit(stream, tools)
            try tools.settle()
            try tools.commit { batch in
                batch.readings = late.map {
                    var late = $0
                    late.reading.arrivedAtMs = endMs
                    return late
                }
            }
        }
        // From the tail, and folded.
        try await Self.check(directory, stream + late.dropLast())
        try SteppedStore(directory: directory, configuration: Self.policy).run { tools in
            try tools.tick(2_000_000, afterDays: Double(Self.days) + 0.2)
            try tools.settle()
        }
        try await Self.check(directory, stream + late.dropLast())
    }

    @Test func daysMayBeKeptForEver() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        var configuration = Self.policy
        configuration.history.keepDays = .zero
        #expect(configuration.problems().isEmpty)
        try SteppedStore(directory: directory, configuration: configuration).run { tools in
            try Self.commit(Self.stream, tools)
            try tools.settle()
            #expect(try tools.count("history_chunk", "tier = 3 AND first_at = \(midnightMs)") == 3)
        }
    }
}
