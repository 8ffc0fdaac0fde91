internal import GRDB
internal import Incidents

/// Walks the stream log: four tables, each in its own order, merged by sequence.
struct LogCursor {
    private let readings: RawStatement
    private let events: RawStatement
    private let sensors: RowCursor
    private let commands: RowCursor
    /// The head of each table, or `.max` at its end. Rows are decoded only when their turn comes.
    private var nextReading: Int64 = .max
    private var nextEvent: Int64 = .max
    private var nextSensor: Int64 = .max
    private var nextCommand: Int64 = .max
    private var sensor: CommitBatch.NewSensor?
    private var command: LoggedCommand?
    private let past: PastSensors

    /// - Parameter sequence: readings, events and commands up to and including it are passed over; sensors are not.
    init(_ db: Database, after sequence: Int64) throws {
        readings = try RawStatement(
            db, "SELECT \(ReadingRow.columns) FROM reading WHERE sequence > ? ORDER BY sequence")
        events = try RawStatement(
            db, "SELECT \(EventRow.columns) FROM stream_event WHERE sequence > ? ORDER BY sequence")
        readings.bind(sequence, at: 1)
        events.bind(sequence, at: 1)
        past = try PastSensors(db, after: sequence)
        // Numbers are given in stream order, so they are the order of sequences too, with an index to walk.
        sensors = try Row.fetchCursor(db, sql: "SELECT * FROM sensor ORDER BY number")
        commands = try Row.fetchCursor(
            db, sql: "SELECT * FROM stream_command WHERE sequence > ? ORDER BY sequence", arguments: [sequence])
        try advanceReadings()
        try advanceEvents()
        try advanceSensors()
        try advanceCommands()
    }

    /// The next entry, or nil at the end.
    mutating func next() throws -> RecoveredEntry? {
        if nextReading < nextEvent, nextReading < min(nextSensor, nextCommand) {
            let logged = try ReadingRow.logged(readings)
            try advanceReadings()
            return .reading(logged)
        }
        if nextSensor < min(nextEvent, nextCommand), let met = sensor {
            try advanceSensors()
            return .sensor(met)
        }
        if nextCommand < nextEvent, let logged = command {
            try advanceCommands()
            switch logged.command.content {
            case .rules, .registry: return .change(logged, sensors: try past.sensors(changedAt: logged.sequence))
            case .report, .update, .link, .close: return .command(logged)
            }
        }
        guard nextEvent != .max else { return nil }
        let event = try EventRow.event(events)
        try advanceEvents()
        return .event(event)
    }

    private mutating func advanceReadings() throws {
        nextReading = try readings.step() ? readings.integer(0) : .max
    }

    private mutating func advanceSensors() throws {
        sensor = try sensors.next().map { try past.beginning(of: try SensorRow.met($0)) }
        nextSensor = sensor?.sequence ?? .max
    }

    private mutating func advanceCommands() throws {
        command = try commands.next().map(CommandRow.logged)
        nextCommand = command?.sequence ?? .max
    }

    private mutating func advanceEvents() throws {
        nextEvent = try events.step() ? events.integer(0) : .max
    }
}
