internal import ArgumentParser
internal import IssueStorage

/// `sluice outbox`: what is still to be told to others, and what could not be.
struct OutboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outbox",
        abstract: "Show what is to be delivered to others, and decide on what was given up.",
        discussion: """
            Each public change of a request waits here for each destination of the configuration until it has arrived.

            Examples:
              sluice outbox list
              sluice outbox list --state dead --destination city-b
              sluice outbox show 12
              sluice outbox retry --destination city-b
              sluice outbox discard 12
            """,
        subcommands: [List.self, Show.self, Retry.self, Discard.self, Filed.self], defaultSubcommand: List.self)

    /// Which rows are meant.
    struct Choice: ParsableArguments {
        @Option(help: "Only of this destination.")
        var destination: String?

        @Option(help: "Only of this request.")
        var request: Int64?

        func selection(ids: [Int64] = [], states: [OutboxItem.State]) -> OutboxSelection {
            var selection = OutboxSelection()
            selection.ids = ids.isEmpty ? nil : ids
            selection.destination = destination
            selection.requestID = request
            selection.states = states.map(\.rawValue)
            return selection
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show how the destinations stand, and what waits for them.",
            discussion: "Example:\n  sluice outbox list --state dead")

        @OptionGroup var data: DataOptions
        @OptionGroup var choice: Choice

        @Option(help: "queued, dead, retired or all.")
        var state = StateFilter.all

        @Option(help: "At most so many rows, the oldest.")
        var limit = 50

        @Flag(help: "JSON for machines.")
        var json = false

        func validate() throws {
            try check("--limit", limit, in: 1...100_000)
        }

        func run() async throws {
            try await Failure.report {
                let selection = choice.selection(states: state.states)
                try await data.show(
                    "outbox.list", LocalCommands.OutboxWanted(selection: selection, limit: limit, isJSON: json))
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one row whole.", discussion: "Example:\n  sluice outbox show 12")

        @OptionGroup var data: DataOptions

        @Argument(help: "The row's number.")
        var id: Int64

        @Flag(help: "JSON for machines.")
        var json = false

        func run() async throws {
            try await Failure.report {
                var selection = OutboxSelection()
                selection.ids = [id]
                try await data.show(
                    "outbox.show", LocalCommands.OutboxWanted(selection: selection, isJSON: json))
            }
        }
    }

    enum StateFilter: String, ExpressibleByArgument, CaseIterable {
        case queued, dead, retired, all

        var states: [OutboxItem.State] {
            switch self {
            case .queued: [.queued]
            case .dead: [.dead]
            case .retired: [.retired]
            case .all: OutboxItem.State.allCases
            }
        }
    }
}
