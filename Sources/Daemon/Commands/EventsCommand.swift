internal import ArgumentParser
internal import Logging
internal import Telemetry

/// `sluice events`: the catalogue of what is logged.
struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "List every event that the daemon logs.",
        discussion: """
            Names, levels and fields are stable: filter and alert by them.

            Examples:
              sluice events
              sluice events request.opened
              sluice events --markdown > events.md
            """)

    @Argument(help: "Only events whose names begin so.")
    var name: String?

    @Flag(help: "JSON for machines.")
    var json = false

    @Flag(help: "The reference page.")
    var markdown = false

    func run() async throws {
        try await Failure.report {
            if markdown {
                Terminal.write(EventCatalog.markdown, to: 1)
                return
            }
            let events = EventCatalog.events.filter { $0.name.hasPrefix(name ?? "") }
            guard !events.isEmpty else { throw Failure("no event's name begins with \(name ?? "")", .noInput) }
            if json { return try Terminal.sayJSON(events.map(Entry.init)) }
            for event in events { Terminal.say(Self.text(event, withFields: name != nil)) }
        }
    }

    private static func text(_ event: EventDescription, withFields: Bool) -> String {
        let levels = event.levels.map(\.rawValue).joined(separator: "|")
        var lines = ["\(event.name.padded(to: 30)) \(levels.padded(to: 8)) \(event.meaning)"]
        guard withFields else { return lines[0] }
        lines += event.fields.map { "    \($0.name.padded(to: 20)) \($0.kind.rawValue.padded(to: 8)) \($0.meaning)" }
        return lines.joined(separator: "\n")
    }

    private struct Entry: Encodable {
        struct Field: Encodable { var name, type, meaning: String }
        var event: String
        var levels: [String]
        var meaning: String
        var fields: [Field]

        init(_ event: EventDescription) {
            self.event = event.name
            levels = event.levels.map(\.rawValue)
            meaning = event.meaning
            fields = event.fields.map { Field(name: $0.name, type: $0.kind.rawValue, meaning: $0.meaning) }
        }
    }
}
