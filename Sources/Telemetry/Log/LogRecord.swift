public import Logging
internal import FoundationEssentials

/// One event, read back from a line of JSON.
public struct LogRecord: Sendable, Equatable {
    public var level: Logger.Level
    public var event: String
    /// Milliseconds are kept as text: `2026-05-01T02:10:00.123Z`.
    public var time: String
    /// Its number on the tape; nil for a line that comes from elsewhere.
    public var sequence: Int64?
    /// The event's own fields, without those that every line has.
    public var fields: [String: Value]

    /// What stands in a field.
    public enum Value: Sendable, Equatable {
        case text(String)
        case number(Double)
        case whole(Int64)
        case truth(Bool)
        /// An array or an object, which filters don't look into.
        case other

        /// As people write it.
        public var description: String {
            switch self {
            case .text(let text): text
            case .number(let value): "\(value)"
            case .whole(let value): "\(value)"
            case .truth(let value): "\(value)"
            case .other: "…"
            }
        }
    }

    /// Nil for what is not a log line.
    public init?(json line: String) {
        guard let values = try? JSONDecoder().decode([String: Value].self, from: Data(line.utf8)),
            case .text(let time)? = values["time"], case .text(let event)? = values["event"],
            case .text(let word)? = values["level"], let level = Logger.Level(rawValue: word)
        else { return nil }
        (self.time, self.event, self.level) = (time, event, level)
        if case .whole(let number)? = values["seq"] { sequence = number }
        fields = values
        for name in ["time", "event", "level", "logger", "seq"] { fields[name] = nil }
    }

    /// A field by name; also those that every line has.
    public subscript(name: String) -> Value? {
        switch name {
        case "event": .text(event)
        case "level": .text(level.rawValue)
        case "time": .text(time)
        case "seq": sequence.map { .whole($0) }
        default: fields[name]
        }
    }

    /// The line as a terminal shows it.
    public func text(isColoured: Bool) -> String {
        let metadata = fields.mapValues { value -> Logger.MetadataValue in
            switch value {
            case .text(let text): .string(text)
            case .number(let value): .stringConvertible(value)
            case .whole(let value): .stringConvertible(value)
            case .truth(let value): .stringConvertible(value)
            case .other: "…"
            }
        }
        return LogLine(
            timeMs: LogTime.ms(iso8601: time) ?? 0, level: level, event: event, logger: "", fields: metadata,
            form: .text
        ).rendered(isColoured: isColoured)
    }
}

extension LogRecord.Value: Decodable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Bool.self) {
            self = .truth(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .whole(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else {
            self = .other
        }
    }
}
