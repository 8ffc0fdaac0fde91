public import Logging

/// What one kind of log line means: an entry of the ``EventCatalog``.
public struct EventDescription: Sendable, Equatable {
    /// The line's `event`. Stable: operators filter by it.
    public var name: String
    /// The levels that it can have, the gravest last.
    public var levels: [Logger.Level]
    public var meaning: String
    /// The event's own fields, and those of whom it speaks for. Not every line has all of them.
    public var fields: [Field]

    public struct Field: Sendable, Equatable {
        public enum Kind: String, Sendable {
            case text, integer, number, truth
        }

        public var name: String
        public var kind: Kind
        public var meaning: String
        /// Not given by the line itself: everything that this part of the daemon says has it.
        public var isContext = false

        static func text(_ name: String, _ meaning: String) -> Field {
            Field(name: name, kind: .text, meaning: meaning)
        }
        static func integer(_ name: String, _ meaning: String) -> Field {
            Field(name: name, kind: .integer, meaning: meaning)
        }
        static func truth(_ name: String, _ meaning: String) -> Field {
            Field(name: name, kind: .truth, meaning: meaning)
        }
        static func context(_ name: String, _ meaning: String) -> Field {
            Field(name: name, kind: .text, meaning: meaning, isContext: true)
        }

        /// Why, as a sentence.
        static let reason = text("reason", "why, in words")
        static let error = text("error", "what went wrong, in words")
        static let effect = text("effect", "what follows from it")
    }

    init(
        _ name: String, _ level: Logger.Level, or graver: Logger.Level? = nil, fields: [Field] = [], _ meaning: String
    ) {
        self.name = name
        levels = [level] + (graver.map { [$0] } ?? [])
        self.meaning = meaning
        self.fields = fields
    }
}
