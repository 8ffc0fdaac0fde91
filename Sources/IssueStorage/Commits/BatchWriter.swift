internal import GRDB
internal import Incidents
internal import Open311
internal import Readings

/// Writes batches through one connection's prepared statements, inside a transaction that the caller holds.
///
/// A row that breaks a constraint is a programming error upstream: a sequence used twice, a request that names a sensor
/// nobody met. SQLite takes back that row alone; it is noted in ``refusals`` and the rest goes on. Refusing the batch
/// instead would hold up every later reading for ever.
final class BatchWriter {
    /// A row that the database would not have.
    struct Refusal {
        var table: String
        /// The row's key.
        var row: String
        var reason: String
    }

    /// Of the transaction so far; the caller empties it.
    var refusals: [Refusal] = []

    private let reading: RawStatement
    private let manyReadings: RawStatement
    private let event: RawStatement
    private let sensor, pastSensor: Statement
    private let quarantine: Statement
    private let request: Statement
    private let update: Statement
    private let incident: Statement
    private let slice: Statement
    private let journal, link, cadence: Statement
    private let quarantineSize, quarantineShrink, quarantineRemove: Statement
    private let evidence: Statement
    private let parameters: Statement
    private let evidenceDue: Statement
    private let command: Statement
    private let answer: Statement
    private let db: Database

    /// The row that each quarantined message got since this was emptied, in order; nil for one that was refused.
    var quarantineIDs: [Int64?] = []

    init(_ db: Database) throws {
        self.db = db
        reading = try RawStatement(db, ReadingRow.insertSQL(rows: 1))
        manyReadings = try RawStatement(db, ReadingRow.insertSQL(rows: ReadingRow.rowsPerStatement))
        event = try RawStatement(db, EventRow.insertSQL)
        sensor = try db.makeStatement(sql: SensorRow.upsertSQL)
        pastSensor = try db.makeStatement(sql: PastSensorRow.insertSQL)
        quarantine = try db.makeStatement(sql: QuarantineRow.insertSQL)
        request = try db.makeStatement(sql: RequestRow.upsertSQL)
        update = try db.makeStatement(sql: UpdateRow.upsertSQL)
        incident = try db.makeStatement(sql: IncidentRow.upsertSQL)
        slice = try db.makeStatement(sql: SliceRow.insertSQL)
        journal = try db.makeStatement(sql: JournalRow.upsertSQL)
        link = try db.makeStatement(sql: LinkRow.upsertSQL)
        cadence = try db.makeStatement(sql: LinkRow.upsertCadenceSQL)
        evidence = try db.makeStatement(sql: EvidenceRow.upsertSQL)
        parameters = try db.makeStatement(sql: EvidenceRow.parametersSQL)
        evidenceDue = try db.makeStatement(sql: EvidenceRow.dueSQL)
        quarantineSize = try db.makeStatement(sql: QuarantineRow.growSQL)
        quarantineShrink = try db.makeStatement(sql: QuarantineRow.shrinkSQL)
        quarantineRemove = try db.makeStatement(sql: QuarantineRow.removeSQL)
        command = try db.makeStatement(sql: CommandRow.insertSQL)
        answer = try db.makeStatement(sql: SubmissionTable.answerSQL)
    }

    /// Writes all rows of `batch`, those that others refer to first. Changes nothing in the batch.
    ///
    /// - Throws: what concerns the whole transaction: no space, I/O errors, a lock held by another.
    func write(_ batch: CommitBatch) throws {
        for met in batch.newSensors { try write(met) }
        try write(batch.readings)
        for entry in batch.events {
            EventRow.bind(entry, to: event)
            try row("stream_event", "\(entry.sequence)") {
                try event.execute()
                return nil
            }
        }
        for logged in batch.commands {
            try row("stream_command", "\(logged.sequence)") {
                try command.execute(arguments: CommandRow.arguments(logged))
                return nil
            }
        }
        // In the transaction that logs the command, and in no other: what has no answer is in no stream.
        for told in batch.answers {
            try row("submission", "\(told.ticket)") {
                try answer.execute(arguments: SubmissionTable.arguments(told))
                return nil
            }
        }
        for message in batch.quarantined {
            quarantineIDs.append(nil)
            try row("quarantine", message.reason.label) {
                try quarantine.execute(arguments: QuarantineRow.arguments(message))
                quarantineIDs[quarantineIDs.count - 1] = db.lastInsertedRowID
                try quarantineSize.execute(arguments: [QuarantineRow.size(message)])
                return nil
            }
        }
        // In the transaction that holds their readings, so that no message is read twice.
        for message in batch.retried where message.isRead {
            try row("quarantine", "\(message.id)") {
                try quarantineShrink.execute(arguments: [message.id])
                try quarantineRemove.execute(arguments: [message.id])
                return nil
            }
        }
        try writeCases(of: batch)
        try writeState(of: batch)
    }

    /// Writes the requests and incidents of `batch` alone, and the sensors that they name. What the registry says of known
    /// ones has to wait for the log that says from where on.
    func writeRequests(of batch: CommitBatch) throws {
        for met in batch.newSensors where met.before == nil { try write(met) }
        try writeCases(of: batch)
    }

    private func write(_ met: CommitBatch.NewSensor) throws {
        try row("sensor", "\(met.index.rawValue) \(met.sensor.id)") {
            if let before = met.before {
                try pastSensor.execute(
                    arguments: PastSensorRow.arguments(met.index, until: met.sequence, before))
            }
            let number = try Int64.fetchOne(sensor, arguments: SensorRow.arguments(met))
            return number == nil ? "the number belongs to another sensor" : nil
        }
    }

    /// What the next start begins with.
    private func writeState(of batch: CommitBatch) throws {
        for part in batch.stateSlices {
            try row("state_slice", "\(part.turn)-\(part.number)") {
                try slice.execute(arguments: SliceRow.arguments(part))
                return nil
            }
        }
        for heard in batch.links {
            try row("sensor_link", "\(heard.sensor.rawValue)") {
                try link.execute(arguments: LinkRow.arguments(heard))
                return nil
            }
        }
        for learned in batch.cadences {
            try row("sensor_cadence", "\(learned.sensor.rawValue)") {
                try cadence.execute(arguments: LinkRow.arguments(learned))
                return nil
            }
        }
        for position in batch.journalPositions {
            try row("journal_position", "\(position.journal)") {
                try journal.execute(arguments: JournalRow.arguments(position))
                return nil
            }
        }
    }

    private func write(_ readings: [LoggedReading]) throws {
        let rows = ReadingRow.rowsPerStatement
        var start = 0
        while start + rows <= readings.count {
            for row in 0..<rows { ReadingRow.bind(readings[start + row], to: manyReadings, row: Int32(row)) }
            do throws(DatabaseError) {
                try manyReadings.execute()
            } catch {
                guard error.resultCode == .SQLITE_CONSTRAINT else { throw error }
                // None of them went in. One by one, to find the culprit.
                try writeSingly(readings[start..<start + rows])
            }
            start += rows
        }
        try writeSingly(readings[start...])
    }

    private func writeSingly(_ readings: ArraySlice<LoggedReading>) throws {
        for logged in readings {
            ReadingRow.bind(logged, to: reading)
            do throws(DatabaseError) {
                try reading.execute()
            } catch {
                guard error.resultCode == .SQLITE_CONSTRAINT else { throw error }
                refuse("reading", "\(logged.sequence) of sensor \(logged.reading.sensor.rawValue)", error)
            }
        }
    }

    private func writeCases(of batch: CommitBatch) throws {
        for change in batch.requests {
            try row("request", "\(change.id) \(change.incidentKey)") {
                let id = try Int64.fetchOne(request, arguments: RequestRow.arguments(change))
                return id == change.id ? nil : "the incident has request \(id ?? 0) already, which was updated"
            }
        }
        for change in batch.incidents {
            try row("incident", change.key) {
                try incident.execute(arguments: IncidentRow.arguments(change))
                return nil
            }
        }
        for line in batch.updates {
            try row("request_update", "\(line.requestID)-\(line.number)") {
                try update.execute(arguments: UpdateRow.arguments(line))
                return nil
            }
        }
        try writeEvidence(of: batch)
    }

    /// What decided the updates; and when the readings around them are to be copied.
    private func writeEvidence(of batch: CommitBatch) throws {
        for mark in batch.evidence {
            try row("evidence_mark", "\(mark.requestID)-\(mark.number)") {
                try parameters.execute(arguments: EvidenceRow.parameters(mark))
                try evidence.execute(arguments: EvidenceRow.arguments(mark))
                try evidenceDue.execute(arguments: [mark.requestID, mark.atMs + EvidenceKeeper.firstCopyMs])
                return nil
            }
        }
    }

    /// Runs one row's statement, and notes it when the database or `body` refuses it.
    private func row(
        _ table: String, _ key: @autoclosure () -> String, _ body: () throws -> String?
    ) throws {
        do {
            if let reason = try body() { refusals.append(Refusal(table: table, row: key(), reason: reason)) }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            refuse(table, key(), error)
            // `sqlite3_reset` says the last error once more, and GRDB, which calls it before the next row, would take that
            // for the next row's.
            let all = [
                sensor, pastSensor, quarantine, quarantineSize, quarantineShrink, quarantineRemove, request, update,
                incident, slice, journal, link, cadence, evidence,
                parameters, evidenceDue, command, answer,
            ]
            for statement in all {
                statement.forgetFailure()
            }
        }
    }

    private func refuse(_ table: String, _ row: String, _ error: DatabaseError) {
        refusals.append(Refusal(table: table, row: row, reason: error.message ?? "constraint"))
    }
}
