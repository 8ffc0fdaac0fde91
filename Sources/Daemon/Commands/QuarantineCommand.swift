internal import ArgumentParser
internal import Foundation
internal import IssueStorage
internal import Readings

/// `sluice quarantine`: messages that could not be decoded.
struct QuarantineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quarantine",
        abstract: "Look at messages that could not be decoded, try them again, or discard them.",
        discussion: """
            A message that no route can read is kept whole, with the reason. Once the route, the device's profile or \
            the registry is mended, try it again: what can be read then becomes history of its sensors. It opens no \
            request.

            Examples:
              sluice quarantine
              sluice quarantine list --reason no_route --topic depot/
              sluice quarantine show 12
              sluice quarantine retry --reason no_route
              sluice quarantine discard 12 13
            """,
        subcommands: [List.self, Show.self, Retry.self, Discard.self], defaultSubcommand: List.self)

    /// Which messages are meant.
    struct Choice: ParsableArguments {
        @Option(help: ArgumentHelp("Only of this reason: not_json, no_route, …", valueName: "reason"))
        var reason: String?

        @Option(help: ArgumentHelp("Only where the topic contains this.", valueName: "text"))
        var topic: String?

        func selection(ids: [Int64] = []) -> QuarantineSelection {
            var selection = QuarantineSelection()
            selection.ids = ids.isEmpty ? nil : ids
            selection.reason = reason
            selection.topic = topic
            return selection
        }

        func validate() throws {
            let labels = QuarantineReason.allCases.map(\.label)
            if let reason, !labels.contains(reason) {
                throw ValidationError("--reason must be one of \(labels.joined(separator: ", ")), found \(reason)")
            }
        }
    }

    /// Numbers, a choice, or expressly all.
    struct Meant: ParsableArguments {
        @OptionGroup var choice: Choice

        @Flag(help: "All there are.")
        var all = false

        @Argument(help: "The messages' numbers.")
        var ids: [Int64] = []

        var selection: QuarantineSelection { choice.selection(ids: ids) }

        func validate() throws {
            guard all || !ids.isEmpty || choice.reason != nil || choice.topic != nil else {
                throw ValidationError("say which: numbers, --reason, --topic, or --all")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the newest.", discussion: "Example:\n  sluice quarantine list --reason not_json --limit 5")

        @OptionGroup var data: DataOptions
        @OptionGroup var choice: Choice

        @Option(help: "At most so many, and 16 MiB of payloads.")
        var limit = 50

        @Flag(help: "JSON for machines.")
        var json = false

        func validate() throws {
            try check("--limit", limit, in: 1...10_000)
        }

        func run() async throws {
            try await Failure.report {
                let question = LocalCommands.QuarantineList(selection: choice.selection(), limit: limit)
                let found = try await data.look(
                    "quarantine.list", question, for: LocalCommands.QuarantineListed.self)
                guard !json else { return try Terminal.sayJSON(found) }
                for message in found.messages { Terminal.say(message.line) }
                let shown = found.messages.count < found.total ? "the newest \(found.messages.count) of " : ""
                Terminal.complain("\(shown)\(found.total) message\(found.total == 1 ? "" : "s") in quarantine")
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one message whole.", discussion: "Example:\n  sluice quarantine show 12")

        @OptionGroup var data: DataOptions

        @Argument(help: "The message's number.")
        var id: Int64

        @Flag(help: "JSON for machines, the payload in Base64.")
        var json = false

        func run() async throws {
            try await Failure.report {
                var question = LocalCommands.QuarantineList()
                question.selection.ids = [id]
                let found = try await data.look(
                    "quarantine.list", question, for: LocalCommands.QuarantineListed.self)
                guard let message = found.messages.first else {
                    throw Failure("there is no message \(id) in quarantine", .noInput)
                }
                if json { try Terminal.sayJSON(message) } else { Terminal.say(message.page) }
            }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Decode messages again, by the routes and the registry of the running daemon.",
            discussion: "Example:\n  sluice quarantine retry --reason no_route")

        @OptionGroup var data: DataOptions
        @OptionGroup var meant: Meant

        @Flag(help: "JSON for machines.")
        var json = false

        func run() async throws {
            try await Failure.report {
                let bar = ProgressBar("Reading again", unit: "messages", total: meant.ids.count)
                let result = try await data.client().ask(
                    "quarantine.retry", meant.selection, for: LocalCommands.QuarantineRetried.self
                ) { progress in
                    bar.update(share: Double(progress.done) / Double(max(1, progress.total)), done: progress.done)
                }
                bar.finish(result.messages.count)
                if json { return try Terminal.sayJSON(result) }
                for message in result.messages where message.outcome != "read" {
                    Terminal.say(
                        "\(message.id)  stays: \(message.reason.map { "\($0): " } ?? "")"
                            + Terminal.printable(message.detail ?? message.outcome))
                }
                let read = result.messages.filter { $0.outcome == "read" }
                let readings = read.reduce(0) { $0 + ($1.readings ?? 0) }
                Terminal.complain("\(read.count) of \(result.messages.count) could be read: \(readings) new readings")
            }
        }
    }

    struct Discard: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete messages for good.", discussion: "Example:\n  sluice quarantine discard 12 13")

        @OptionGroup var data: DataOptions
        @OptionGroup var meant: Meant

        func run() async throws {
            try await Failure.report {
                let gone = try await data.client().ask(
                    "quarantine.discard", meant.selection, for: LocalCommands.Counted.self)
                if gone.count == 0, !meant.ids.isEmpty {
                    throw Failure("none of these is in the quarantine; sluice quarantine list shows what is", .noInput)
                }
                Terminal.complain("\(gone.count) message\(gone.count == 1 ? "" : "s") discarded")
            }
        }
    }
}

extension QuarantinedText {
    fileprivate var line: String {
        "\(String(id).padded(to: 6)) \(Timestamp.format(arrivedAtMs))  \(reason.padded(to: 16)) "
            + "\(Terminal.printable(topic))  \(Terminal.dim(Terminal.printable(detail)))"
    }

    fileprivate var page: String {
        let bytes = Data(base64Encoded: payload) ?? Data()
        let kept = isCut ? " of which \(bytes.count) are kept" : ""
        let rows = [
            ("message", "\(id)"), ("arrived", Timestamp.format(arrivedAtMs)), ("topic", topic), ("reason", reason),
            ("detail", detail), ("bytes", "\(self.bytes)\(kept)"),
        ]
        let head = rows.map { "\($0.padded(to: 10)) \(Terminal.printable($1))" }.joined(separator: "\n")
        return head + "\n\n" + (String(validating: bytes, as: UTF8.self).map(Terminal.printable) ?? HexDump(bytes).text)
    }
}
