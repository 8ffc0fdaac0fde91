internal import FoundationEssentials
internal import GRDB
internal import Incidents

/// How a person's word stands in table `stream_command`.
enum CommandRow {
    /// The kind of a change of rules: the only one that is looked for by its kind, and that outlives its place in the log.
    static let rulesKind = 5

    static let insertSQL =
        "INSERT INTO stream_command (sequence, at, kind, ticket, body, outcome) VALUES (?, ?, ?, ?, ?, ?)"

    static func arguments(_ logged: LoggedCommand) throws -> StatementArguments {
        let command = logged.command
        return [
            logged.sequence, command.atMs, command.content.kind, command.ticket, try encode(command),
            try encode(logged.outcome),
        ]
    }

    static func logged(_ row: Row) throws -> LoggedCommand {
        let (body, outcome): (String, String) = (row["body"], row["outcome"])
        return LoggedCommand(
            sequence: row["sequence"], command: try decode(StreamCommand.self, "body", body),
            outcome: try decode(CommandOutcome.self, "outcome", outcome))
    }

    /// All rule sets of the log, oldest first. A schema's index on them makes it a look-up.
    static func ruleSets(_ db: Database) throws -> [LoggedRules] {
        let sql = "SELECT * FROM stream_command WHERE kind = \(rulesKind) ORDER BY sequence"
        return try Row.fetchAll(db, sql: sql).compactMap { row in
            let logged = try logged(row)
            guard case .rules(let rules) = logged.command.content else { return nil }
            return LoggedRules(sequence: logged.sequence, rules: rules)
        }
    }

    static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        // The same command is always the same text.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "+inf", negativeInfinity: "-inf", nan: "nan")
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func decode<Value: Decodable>(
        _ type: Value.Type, _ column: String, _ text: String
    ) throws -> Value {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "+inf", negativeInfinity: "-inf", nan: "nan")
        return try known(try? decoder.decode(type, from: Data(text.utf8)), "stream_command", column, text)
    }
}

extension StreamCommand.Content {
    /// Never renumbered.
    var kind: Int {
        switch self {
        case .report: 1
        case .update: 2
        case .link: 3
        case .close: 4
        case .rules: CommandRow.rulesKind
        case .registry: 6
        }
    }
}
