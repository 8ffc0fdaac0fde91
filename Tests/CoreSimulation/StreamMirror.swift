internal import GRDB
internal import Incidents
internal import IssueStorage
internal import Readings

/// The stream as the store was seen to hold it, in memory: what was there once must stay, or go into the history in order.
struct StreamMirror {
    /// All of it, by sequence.
    private(set) var entries: [RecoveredEntry] = []

    var lastSequence: Int64 { entries.last?.sequence ?? 0 }

    /// Takes in what is new in the log of `db`.
    ///
    /// - Throws: ``Violation`` when what was seen before has changed, or is missing behind something that is not.
    mutating func update(_ db: Database) throws {
        var known = 0
        var previous: Int64 = 0
        var isTrimmed = true
        let last = lastSequence
        try RecoveredEntry.stream(db, after: 0) { entry in
            let sequence = entry.sequence
            try promise(sequence > previous, "sequence \(sequence) stands behind \(previous)")
            previous = sequence
            guard sequence <= last else { return entries.append(entry) }
            while known < entries.count, entries[known].sequence < sequence {
                // Sensors are never taken off the log, the others only at its beginning, where the newest rules stay.
                try promise(isTrimmed && !entries[known].isSensor, "gone from the log: \(entries[known])")
                known += 1
            }
            try promise(entries[known].isStill(entry), "stored \(entries[known]), later found \(entry)")
            if !entry.isSensor, !entry.isChange { isTrimmed = false }
            known += 1
        }
        while known < entries.count, entries[known].sequence <= last, previous < last {
            try promise(isTrimmed && !entries[known].isSensor, "gone from the end of the log: \(entries[known])")
            known += 1
        }
    }

    /// The readings that `db`'s log does not hold any more.
    func trimmed(_ db: Database) throws -> [(sensor: SensorIndex, reading: Reading)] {
        let first = try Int64.fetchOne(db, sql: "SELECT min(sequence) FROM reading") ?? .max
        return entries.compactMap { entry in
            guard case .reading(let logged) = entry, logged.sequence < first else { return nil }
            return (logged.reading.sensor, logged.reading)
        }
    }
}

extension RecoveredEntry {
    var sequence: Int64 {
        switch self {
        case .sensor(let new): new.sequence
        case .reading(let logged): logged.sequence
        case .command(let logged), .change(let logged, _): logged.sequence
        case .event(let event): event.sequence
        }
    }

    var isSensor: Bool { if case .sensor = self { true } else { false } }
    var isChange: Bool { if case .change = self { true } else { false } }

    /// Whether it is the same entry, read again. What sensors were goes with the stretch of the log that needed it: from then
    /// on they are what they were behind that.
    func isStill(_ other: RecoveredEntry) -> Bool {
        switch (self, other) {
        case (.sensor(let one), .sensor(let two)):
            one.sequence == two.sequence && one.index == two.index && one.sensor.id == two.sensor.id
        case (.change(let one, let sensors), .change(let two, let left)):
            one == two && (sensors == left || left.isEmpty)
        default: self == other
        }
    }

    /// The daemon's time of it; nil for sensors.
    var atMs: Int64? {
        switch self {
        case .sensor: nil
        case .reading(let logged): logged.reading.arrivedAtMs
        case .command(let logged), .change(let logged, _): logged.command.atMs
        case .event(let event): event.atMs
        }
    }
}
