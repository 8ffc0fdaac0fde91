import Foundation
import GRDB
import Incidents
import IssueStorage
import Readings
import Simulation
import Testing

/// Folding keeps every reading, once, whenever it is interrupted.
@Suite struct FoldingTests {
    /// A city's stream of `count` readings of 400 sensors in which everything happens: readings that come late, come twice,
    /// come with another value, quantities side by side. Sequences have gaps.
    static func stream(_ count: Int, seed: UInt64 = 1) -> [LoggedReading] {
        var random = SeededGenerator(seed: seed)
        var stream: [LoggedReading] = []
        var sequence: Int64 = 0
        while stream.count < count {
            sequence += Int64.random(in: 1...2, using: &random)
            if Int.random(in: 0..<20, using: &random) == 0, let earlier = stream.randomElement(using: &random) {
                var again = earlier
                again.sequence = sequence
                again.reading.flags.insert(.late)
                if Bool.random(using: &random) {
                    again.reading.flags.insert(.conflict)
                    again.reading.value += 1
                }
                stream.append(again)
                continue
            }
            let late = Int.random(in: 0..<30, using: &random) == 0
            var logged = reading(
                sequence, sensor: UInt32.random(in: 0..<400, using: &random),
                atMs: midnightMs + sequence * 150 - (late ? Int64.random(in: 0...3_000_000, using: &random) : 0),
                value: Double(Int.random(in: 0...999, using: &random)) / 10, flags: late ? .late : [])
            logged.reading.arrivedAtMs = midnightMs + sequence * 150
            if Bool.random(using: &random) { logged.reading.quantity = .pressure }
            stream.append(logged)
        }
        return stream
    }

    static func commit(_ stream: [LoggedReading], _ tools: SteppedStore.Tools) throws {
        try tools.commit { batch in
            batch.newSensors = (0..<400).map { newSensor(-400 + Int64($0), number: UInt32($0), id: "s\($0)") }
            batch.readings = stream
        }
    }

    /// Every sensor's history is what it should be.
    static func check(
        _ directory: TemporaryDirectory, _ stream: [LoggedReading], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let reader = try IssueReader(directory: directory.path)
        for sensor in stride(from: UInt32(0), to: 400, by: 23) {
            for quantity in [Quantity.flow, .pressure] {
                let stored = try await reader.history(
                    ofSensor: "s\(sensor)", quantity: quantity, fromMs: .min, toMs: .max)
                let expected = expectedHistory(stream, sensor: sensor, quantity: quantity)
                #expect(stored == expected, "sensor \(sensor), \(quantity)", sourceLocation: sourceLocation)
            }
        }
    }

    @Test func aKillAfterAnyStepLosesAndDoublesNothing() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let stream = Self.stream(70_000)
        let copies = try SteppedStore(directory: directory).run { tools in
            try Self.commit(stream, tools)
            var copies = [try directory.copy()]
            while try tools.keeper.step() { copies.append(try directory.copy()) }
            return copies
        }
        defer { for copy in copies { copy.remove() } }
        // Two ranges, each loaded in three steps and folded in several.
        #expect(copies.count > 15)
        for copy in copies {
            try await Self.check(copy, stream)
            let tail = try SteppedStore(directory: copy).run { tools in
                try tools.settle()
                return try tools.count("reading", "sequence > (SELECT done FROM progress WHERE task = 1)")
            }
            #expect(tail < 32_768)
            try await Self.check(copy, stream)
        }
    }

    @Test func aThreadThatIsWantedIsFreeAfterOneStreamAndNothingElseIsForgotten() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let stream = Self.stream(40_000)
        var store = SteppedStore(directory: directory)
        store.configuration.quarantineMessages = 1
        try store.run { tools in
            try Self.commit(stream, tools)
            let copy = try directory.copy()
            defer { copy.remove() }
            let usual = try SteppedStore(directory: copy).run { try $0.settle() }
            // Loaded by 512 rows, folded by one stream, of which there are 800.
            var steps = 0
            for _ in 0..<100 where try tools.keeper.step(isWanted: { true }) { steps += 1 }
            #expect(steps == 100)
            // Work that comes while there is a lot to fold waits for some steps, and not for all.
            try tools.commit { $0.quarantined = (0..<3).map { _ in quarantined(.notJSON) } }
            var untilSwept = 0
            while try tools.count("quarantine") > 1, try tools.keeper.step(isWanted: { true }) { untilSwept += 1 }
            #expect(untilSwept <= 2 * 32)
            while try tools.keeper.step(isWanted: { true }) { steps += 1 }
            #expect(steps > 10 * usual)
        }
        try await Self.check(directory, stream)
    }

    @Test func aStepThatFailsIsDoneAgain() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let stream = Self.stream(40_000)
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let failures = try SteppedStore(directory: directory).run { tools in
            try Self.commit(stream, tools)
            let other = try DatabaseQueue(path: directory.database, configuration: configuration)
            var failures = 0
            var steps = 0
            while true {
                steps += 1
                // Every third step meets another's write lock.
                if steps % 3 == 0 { try other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") } }
                defer { if steps % 3 == 0 { try? other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") } } }
                do {
                    guard try tools.keeper.step() else { return failures }
                } catch {
                    failures += 1
                    guard failures < 100 else { throw error }
                }
            }
        }
        #expect(failures > 0)
        try await Self.check(directory, stream)
    }

    @Test func readersSeeTheSameBeforeAndAfter() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let store = SteppedStore(directory: directory)
        let stream = Self.stream(50_000, seed: 2)
        try store.run { try Self.commit(stream, $0) }
        let reader = try IssueReader(directory: directory.path)
        func look() async throws -> [[HistoryReading]] {
            var seen: [[HistoryReading]] = []
            for (from, to, limit) in [(0, 9000, 100_000), (1000, 1003, 100_000), (7000, 7000, 10), (2000, 6000, 7)] {
                seen.append(
                    try await reader.history(
                        ofSensor: "s23", quantity: .flow, fromMs: midnightMs + Int64(from) * 1000,
                        toMs: midnightMs + Int64(to) * 1000, limit: limit))
            }
            return seen
        }
        func charts() async throws -> [[HistoryBucket]] {
            var seen: [[HistoryBucket]] = []
            for points in [1, 60, 100_000] {
                seen.append(
                    try await reader.series(
                        ofSensor: "s23", quantity: .flow, fromMs: midnightMs, toMs: midnightMs + 9_000_000,
                        points: points))
            }
            return seen
        }
        let (before, chartsBefore) = (try await look(), try await charts())
        try store.run { tools in
            try tools.tick(1_000_000, afterDays: 1)
            try tools.settle()
            // All but the one that told the time.
            #expect(try tools.count("reading", "sequence > (SELECT done FROM progress WHERE task = 1)") == 1)
        }
        #expect(try await look() == before)
        #expect(try await charts() == chartsBefore)
        #expect(before[0].count > 50)
        #expect(before[3].count == 7)
        #expect(chartsBefore[0].first?.count == before[0].count)
    }

    @Test func aFewReadingsAreFoldedAfterAnHour() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let store = SteppedStore(directory: directory)
        try store.run { tools in
            try tools.commit { batch in
                batch.newSensors = [newSensor(1)]
                batch.readings = [reading(2), reading(3)]
            }
            try tools.settle()
            #expect(try tools.count("history_open") == 0)
            try tools.tick(4, afterDays: 0.05)
            try tools.settle()
            #expect(try tools.count("history_open") == 2)
        }
        let reader = try IssueReader(directory: directory.path)
        let stored = try await reader.history(ofSensor: "meter-1", quantity: .flow, fromMs: .min, toMs: .max)
        #expect(stored == expectedHistory([reading(2), reading(3)], sensor: 0))
        #expect(try await reader.history(ofSensor: "nobody", quantity: .flow, fromMs: .min, toMs: .max).isEmpty)
        #expect(try await reader.history(ofSensor: "meter-1", quantity: .noise, fromMs: .min, toMs: .max).isEmpty)
    }

    @Test func whatCountsAsARepetition() async throws {
        struct Second: Sendable {
            var name: String
            var value = 1.0
            var afterMs: Int64 = 0
            var flags: ReadingFlags = .late
            var first: ReadingFlags = []
            var isKept: Bool
        }
        let cases = [
            Second(name: "the same again, late", isKept: false),
            Second(name: "the same again, not late", flags: [], isKept: false),
            Second(name: "another value", value: 2, isKept: true),
            Second(name: "another value, known as a conflict", value: 2, flags: [.late, .conflict], isKept: true),
            Second(name: "another time", afterMs: 1, isKept: true),
            Second(
                name: "taken at its arrival, as was the first", flags: .clockAhead, first: .clockAhead, isKept: true),
        ]
        for isFoldedBetween in [false, true] {
            for c in cases {
                let directory = TemporaryDirectory()
                defer { directory.remove() }
                try SteppedStore(directory: directory).run { tools in
                    try tools.commit { batch in
                        batch.newSensors = [newSensor(1)]
                        batch.readings = [reading(2, atMs: midnightMs, flags: c.first)]
                    }
                    if isFoldedBetween {
                        try tools.tick(3)
                        try tools.settle()
                    }
                    try tools.commit {
                        $0.readings = [reading(4, atMs: midnightMs + c.afterMs, value: c.value, flags: c.flags)]
                    }
                    try tools.tick(5, afterDays: 0.3)
                    try tools.settle()
                }
                let stored = try await IssueReader(directory: directory.path).history(
                    ofSensor: "meter-1", quantity: .flow, fromMs: .min, toMs: .max)
                #expect(stored.count == (c.isKept ? 2 : 1), "\(c.name)")
                #expect(stored.first?.flags == c.first, "\(c.name)")
            }
        }
    }

    @Test func aClockThatStandsStillCostsNoReading() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let stream = (Int64(0)..<20_000).map {
            reading($0 + $0 / 5000 + 1, atMs: midnightMs, value: Double($0), flags: .conflict)
        }
        try SteppedStore(directory: directory).run { tools in
            for part in 0..<4 {
                try tools.commit { batch in
                    batch.newSensors = [newSensor(0)]
                    batch.readings = Array(stream[part * 5000..<(part + 1) * 5000])
                }
                try tools.tick(Int64(part + 1) * 5001, afterDays: Double(part + 1))
                try tools.settle()
            }
        }
        let stored = try await IssueReader(directory: directory.path).history(
            ofSensor: "meter-1", quantity: .flow, fromMs: midnightMs, toMs: midnightMs)
        let missing = Set((0..<20_000).map(Double.init)).subtracting(stored.map(\.value))
        #expect(stored.count == 20_000)
        #expect(missing.isEmpty)
    }

    @Test func foldedReadingsTakeLittleSpace() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let (bytes, count) = try SteppedStore(directory: directory).run { tools in
            for day in Int64(0)..<3 {
                try tools.commit { batch in
                    // Ten meters, a reading a minute with two decimals.
                    batch.readings = (Int64(0)..<14_400).map {
                        let sequence = day * 14_400 + $0 + 1
                        return reading(
                            sequence, sensor: UInt32(sequence % 10), atMs: midnightMs + sequence / 10 * 60_000,
                            value: Double((sequence * 7919) % 400 + 2000) / 100)
                    }
                }
                try tools.settle()
            }
            let bytes = try Int.fetchOne(
                tools.db,
                sql: "SELECT (SELECT sum(length(content)) FROM history_chunk) + sum(length(content)) FROM history_open")
            return (bytes ?? 0, try tools.count("reading"))
        }
        #expect(count == 43_200)
        #expect(Double(bytes) / Double(count) < 2)
    }
}

extension TemporaryDirectory {
    /// What a kill at this moment would leave: the files as they are.
    func copy() throws -> TemporaryDirectory {
        let other = TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: other.path, withIntermediateDirectories: true)
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: database + suffix) {
            try FileManager.default.copyItem(atPath: database + suffix, toPath: other.database + suffix)
        }
        return other
    }
}
