import Foundation
import GRDB
import Incidents
import IssueStorage
import Logging
import Readings

/// A store without its thread: the test commits, and does the upkeep step by step.
struct SteppedStore {
    let directory: TemporaryDirectory
    var configuration = StoreConfiguration()
    var logger = NOOPMetrics.logger

    /// What the test uses inside ``run(_:)``.
    struct Tools {
        let db: Database
        let committer: BatchCommitter
        let keeper: HistoryKeeper

        /// Commits one batch.
        func commit(_ fill: (CommitBatch) -> Void) throws {
            let batch = CommitBatch()
            fill(batch)
            try committer.commit([batch])
        }

        /// Steps until there is nothing to do, and returns how many steps that took.
        @discardableResult
        func settle(isDiskFull: Bool = false) throws -> Int {
            var steps = 0
            while try keeper.step(isDiskFull: isDiskFull) { steps += 1 }
            return steps
        }

        /// A reading so much later, by arrival, that everything before it is folded: of no sensor that a test asks for.
        func tick(_ sequence: Int64, afterDays days: Double = 0.1, from ms: Int64 = midnightMs) throws {
            try commit { batch in
                batch.readings = [
                    reading(sequence, sensor: 9_999_999, atMs: ms + Int64(days * 86_400_000), value: 0)
                ]
            }
        }

        /// Saves the state as a pipeline does, so that the log may go up to `sequence`.
        func save(turn: Int64, upTo sequence: Int64) throws {
            try commit {
                $0.stateSlices = [StateSlice(turn: turn, number: 0, isLast: true, sequence: sequence, bytes: [1])]
            }
        }

        func count(_ table: String, _ condition: String = "TRUE") throws -> Int {
            try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table) WHERE \(condition)") ?? -1
        }
    }

    /// Opens the database, runs `body` with new tools, and closes it again.
    func run<Value>(_ body: (Tools) throws -> Value) throws -> Value {
        try FileManager.default.createDirectory(atPath: directory.path, withIntermediateDirectories: true)
        let queue = try StoreDatabase(directory: directory.path, durability: .crash).open()
        defer { try? queue.close() }
        return try queue.writeWithoutTransaction { db in
            let tools = Tools(
                db: db, committer: try BatchCommitter(db, cursors: []),
                keeper: try HistoryKeeper(
                    db, configuration: configuration, metrics: NOOPMetrics.factory, logger: logger))
            return try body(tools)
        }
    }
}

/// What history should hold of one sensor: by time, as they came where times are equal, repetitions left out.
func expectedHistory(_ readings: [LoggedReading], sensor: UInt32, quantity: Quantity = .flow) -> [HistoryReading] {
    var expected: [HistoryReading] = []
    let own = readings.filter { $0.reading.sensor.rawValue == sensor && $0.reading.quantity == quantity }
    for (_, logged) in own.enumerated().sorted(by: {
        ($0.element.reading.observedAtMs, $0.offset) < ($1.element.reading.observedAtMs, $1.offset)
    }) {
        let reading = logged.reading
        let isRepeated = expected.reversed().prefix { $0.atMs == reading.observedAtMs }.contains {
            $0.value == reading.value && $0.flags.subtracting(.late) == reading.flags.subtracting(.late)
        }
        if isRepeated { continue }
        expected.append(HistoryReading(atMs: reading.observedAtMs, value: reading.value, flags: reading.flags))
    }
    return expected
}
