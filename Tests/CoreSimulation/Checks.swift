internal import GRDB
internal import Incidents
internal import IssueStorage
internal import Pipeline
internal import Readings

/// What must hold: at an acknowledgement, and at the end of a run.
enum Checks {
    private static let copy = "/simulated/copy"
    private static let reference = "/simulated/reference"

    // MARK: At an acknowledgement

    /// What these messages said is stored, and stays so through the worst that could happen next.
    ///
    /// - Parameter synced: the worst is a power cut, not only the daemon's death.
    static func areStored(
        _ messages: [StreetMessage], allowList: Bool, synced: Bool, mirror: StreamMirror
    ) throws {
        Disk.copy(World.directory, to: copy, synced: synced)
        defer { Disk.forget(copy) }
        let queue = try DatabaseQueue(path: copy + "/sluice.db")
        defer { try? queue.close() }
        try queue.writeWithoutTransaction { db in
            let facts = try StoredFacts(db, mirror)
            for message in messages { try facts.contain(message, allowList: allowList) }
        }
    }

    // MARK: At the end

    static func all(
        brokers: [SimulatedBroker], neighbours: Neighbours, swarm: Swarm, rules: RuleSets,
        mirror: inout StreamMirror, ledger: inout Ledger
    ) throws {
        let database = StoreDatabase(directory: World.directory, durability: .power)
        let queue = try database.open()
        defer { try? queue.close() }
        try queue.writeWithoutTransaction { db in
            try isSound(db)
            try mirror.update(db)
            let facts = try StoredFacts(db, mirror)
            for message in brokers.flatMap(\.accepted) { try facts.contain(message, allowList: swarm.isAllowList) }
            try facts.holdNothingElse(brokers: brokers, allowList: swarm.isAllowList)
            try neighbours.check(db)
            try isWhatAnUninterruptedRunHas(db, mirror, rules)
            let stored = try StoredState(db)
            try isSame(try Recovery(db, stored, mirror, rules), stored, mirror, rules)
            ledger.messages = brokers.reduce(0) { $0 + $1.accepted.count }
            ledger.redeliveries = brokers.reduce(0) { $0 + $1.redeliveries }
            ledger.trimmed = try mirror.trimmed(db).count
            try HistoryCheck.isComplete(db, mirror)
            ledger.readings = facts.readings
            ledger.quarantined = facts.quarantined
            ledger.requests = try Int.fetchOne(db, sql: "SELECT count(*) FROM request") ?? 0
            ledger.answers = neighbours.answered
            ledger.corroborations = try Neighbours.corroborations(db)
            ledger.incidents = try Int.fetchOne(db, sql: "SELECT count(*) FROM incident") ?? 0
        }
    }

    /// The file is whole, and every row belongs to something.
    private static func isSound(_ db: Database) throws {
        let integrity = try String.fetchAll(db, sql: "PRAGMA integrity_check")
        try promise(integrity == ["ok"], "integrity_check says \(integrity.prefix(3))")
        let orphans = try Row.fetchAll(db, sql: "PRAGMA foreign_key_check")
        try promise(orphans.isEmpty, "foreign_key_check finds \(orphans.prefix(3))")
        for (what, sql) in [
            (
                "readings without a sensor",
                "SELECT count(*) FROM reading WHERE sensor NOT IN (SELECT number FROM sensor)"
            ),
            (
                "requests without an incident",
                """
                SELECT count(*) FROM request WHERE origin = 'sensor' AND instr(incident_key, '/for/') = 0
                    AND id NOT IN (SELECT request_id FROM incident WHERE request_id NOT NULL)
                """
            ),
            (
                "requests without a history",
                "SELECT count(*) FROM request WHERE id NOT IN (SELECT request_id FROM request_update)"
            ),
        ] {
            let count = try Int.fetchOne(db, sql: sql) ?? 0
            try promise(count == 0, "\(count) \(what)")
        }
    }

    // MARK: Against an uninterrupted run

    /// The recovered state is that of a processor that was never interrupted, to the byte.
    static func isSame(
        _ recovered: Recovery, _ stored: StoredState, _ mirror: StreamMirror, _ rules: RuleSets
    ) throws {
        let replayed = try Recovery(stored, replaying: mirror, rules)
        try promise(
            recovered.corrections.events == replayed.corrections.events,
            "a start logs \(recovered.corrections.events), after a whole replay \(replayed.corrections.events)")
        let (one, other) = (recovered.savedState(tickAtMs: Disk.nowMs), replayed.savedState(tickAtMs: Disk.nowMs))
        try promise(!one.isEmpty || stored.lastSequence == 0, "there is no state to compare")
        for (number, (mine, theirs)) in zip(one, other).enumerated() where mine != theirs {
            let place = zip(mine, theirs).enumerated().first { $0.element.0 != $0.element.1 }?.offset
            throw Violation(
                "slice \(number) of the recovered state (from \(recovered.slices) slices) differs from a whole replay's at byte "
                    + "\(place ?? min(mine.count, theirs.count)) of \(mine.count)")
        }
        try promise(
            one.count == other.count, "the recovered state has \(one.count) slices, a whole replay's \(other.count)")
    }

    /// A new processor that meets the same stream files the same requests, with the same incidents and histories.
    private static func isWhatAnUninterruptedRunHas(
        _ db: Database, _ mirror: StreamMirror, _ rules: RuleSets
    ) throws {
        var processor = StreamProcessor(configuration: rules.beginning)
        let batch = CommitBatch()
        for entry in mirror.entries {
            if case .sensor(let new) = entry { batch.newSensors.append(new) }
            try Recovery.meet(entry, &processor, rules, batch)
        }
        let queue = try StoreDatabase(directory: reference, durability: .crash).open()
        defer {
            try? queue.close()
            Disk.forget(reference)
        }
        try queue.writeWithoutTransaction { other in
            do {
                let committer = try BatchCommitter(other, cursors: [])
                try committer.commit([batch])
            }
            for (table, key) in [("request", "id"), ("incident", "key"), ("request_update", "request_id, number")] {
                // Evidence is copied, and counted, in spare time: it comes when it comes.
                let inSpareTime = ["evidence_from", "evidence_samples"]
                let columns = try db.columns(in: table).map(\.name).filter { !inSpareTime.contains($0) }
                let sql = "SELECT \(columns.joined(separator: ", ")) FROM \(table) ORDER BY \(key)"
                let (found, expected) = (try Row.fetchAll(db, sql: sql), try Row.fetchAll(other, sql: sql))
                for (one, two) in zip(found, expected) {
                    try promise(one == two, "\(table): \(one), an uninterrupted run has \(two)")
                }
                try promise(
                    found.count == expected.count,
                    "\(found.count) rows of \(table), an uninterrupted run has \(expected.count)")
            }
        }
    }
}
