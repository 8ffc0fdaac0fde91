internal import Foundation
internal import GRDB
internal import IssueStorage
internal import Readings
internal import Simulation

/// What a month of readings takes on disk once it is folded, and how soon one sensor's month is there.
enum DiskBenchmark: Benchmark {
    static let name = "disk"
    static let about = "bytes a reading takes after folding, against raw rows, and one sensor's month"

    /// Sensor, quantity, time, value: what a row of plain columns takes at least.
    private static let rawBytes = 24.0

    static func run(_ rounds: Rounds, _ tools: Tools) async throws -> [Figure] {
        let sensors = rounds.amount(500, smoke: 100)
        let days = Int64(rounds.amount(31, smoke: 2))
        let city = try CityBlock.city(sensors: sensors)
        let endMs = CityBlock.startMs + days * 86_400_000
        let rig = try PipelineRig(sensors: city.sensors, scratch: tools.scratch)
        var stream = city.messages(fromMs: CityBlock.startMs, toMs: endMs)
        var (block, message) = (MessageBlock(), CityMessage())
        var isOver = false
        while !isOver {
            block.removeAll()
            while block.count < 100_000, !isOver {
                if stream.next(into: &message) { block.append(message) } else { isOver = true }
            }
            try rig.feed(block)
        }
        let queue = try DatabaseQueue(path: "\(rig.folder)/sluice.db")
        let folded = try await fold(queue, committed: rig.readings())
        let note = "\(folded.readings) readings of \(sensors) sensors in \(days) days"
        let reader = try IssueReader(directory: rig.folder)
        var milliseconds: [Double] = []
        for round in 0..<rounds.count {
            let (sensor, quantity) = try await someStream(round, queue)
            let began = ContinuousClock.now
            let readings = try await reader.history(
                ofSensor: sensor, quantity: quantity, fromMs: CityBlock.startMs, toMs: endMs)
            milliseconds.append((ContinuousClock.now - began) / .milliseconds(1))
            guard !readings.isEmpty else { throw WrongAnswer("\(sensor) has no history") }
        }
        return [
            Figure(
                "on disk after folding", unit: "bytes a reading", better: .lower,
                ours: [Double(folded.bytes) / Double(folded.readings)],
                reference: .init(name: "raw rows", values: [rawBytes]), goal: .init(measure: .value, bound: 4),
                note: note),
            Figure(
                "one sensor's month", unit: "ms", better: .lower, ours: milliseconds,
                goal: .init(measure: .value, bound: 10), note: note),
        ]
    }

    /// Waits until the store folds no more, and measures the pages of history's tables and indexes.
    ///
    /// The log forgets what was folded long ago: so what is folded is what was `committed` less what waits in the log.
    private static func fold(_ queue: DatabaseQueue, committed: Int) async throws -> (readings: Int, bytes: Int) {
        var (before, quietSince) = (Int64(-1), ContinuousClock.now)
        let deadline = quietSince + .seconds(600)
        while ContinuousClock.now - quietSince < .seconds(2) {
            // A short rest of the log is left for later, until it is worth a step.
            let done = try await queue.read { db in
                try Int64.fetchOne(db, sql: "SELECT done + next FROM progress WHERE task = 1") ?? 0
            }
            if done != before { (before, quietSince) = (done, .now) }
            guard ContinuousClock.now < deadline else {
                throw WrongAnswer("the readings were not folded in ten minutes")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        return try await queue.read { db in
            let bytes = try Int.fetchOne(db, sql: "SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'history%'")
            let waiting = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM reading WHERE sequence > (SELECT done FROM progress WHERE task = 1)")
            guard let bytes, let waiting, committed > waiting else { throw WrongAnswer("nothing was folded") }
            return (committed - waiting, bytes)
        }
    }

    private static func someStream(_ number: Int, _ queue: DatabaseQueue) async throws -> (String, Quantity) {
        try await queue.read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT sensor.id, stream & 255 AS quantity FROM history_open JOIN sensor ON number = stream >> 8
                    ORDER BY stream LIMIT 1 OFFSET ?
                    """, arguments: [number * 7])
            guard let row, let quantity = Quantity(rawValue: row["quantity"]) else {
                throw WrongAnswer("nothing was folded")
            }
            return (row["id"], quantity)
        }
    }
}
