internal import ArgumentParser
internal import IssueStorage

// What a person decides about the outbox. A running daemon does it; without one the command opens the store itself.
extension OutboxCommand {
    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Queue what was given up, or was left when its destination was removed, again.",
            discussion: """
                What may have arrived is looked for once more. When you know that it is not there, --file-again sends it.

                Examples:
                  sluice outbox retry --destination city-b
                  sluice outbox retry 12 --file-again
                """)

        @OptionGroup var data: DataOptions
        @OptionGroup var choice: Choice

        @Argument(help: "Rows' numbers. Without any, all that were given up, or --destination's, --request's.")
        var ids: [Int64] = []

        @Flag(help: "Send what may have arrived, too: you have seen that it has not.")
        var fileAgain = false

        func run() async throws {
            try await Failure.report {
                // By its number also what only waits: to have it tried at once.
                let states: [OutboxItem.State] = ids.isEmpty ? [.dead, .retired] : OutboxItem.State.allCases
                let selection = choice.selection(ids: ids, states: states)
                let count = try await data.client()
                    .ask(
                        "outbox.retry", LocalCommands.OutboxRetry(selection: selection, isSure: fileAgain),
                        for: LocalCommands.Counted.self
                    ).count
                Terminal.say("\(count) queued again")
                if count == 0, !ids.isEmpty {
                    throw Failure("no such row, or its destination is not configured any more", .noInput)
                }
            }
        }
    }

    struct Discard: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove what need not be delivered any more.",
            discussion: """
                When a request has been filed after all, use "sluice outbox filed" instead, so that its updates find it.

                Examples:
                  sluice outbox discard 12 13
                  sluice outbox discard --destination old-desk
                """)

        @OptionGroup var data: DataOptions
        @OptionGroup var choice: Choice

        @Argument(help: "Rows' numbers. Without any, all that were given up of --destination or --request.")
        var ids: [Int64] = []

        func validate() throws {
            if ids.isEmpty, choice.destination == nil, choice.request == nil {
                throw ValidationError("say which: rows' numbers, --destination or --request")
            }
        }

        func run() async throws {
            try await Failure.report {
                let states: [OutboxItem.State] = ids.isEmpty ? [.dead, .retired] : OutboxItem.State.allCases
                let count = try await data.client()
                    .ask(
                        "outbox.discard", choice.selection(ids: ids, states: states), for: LocalCommands.Counted.self
                    ).count
                Terminal.say("\(count) discarded")
                if count == 0, !ids.isEmpty { throw Failure("no such row in the outbox", .noInput) }
            }
        }
    }

    struct Filed: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say under which number another city has a request of ours.",
            discussion: """
                For a request that nobody answered when it was filed, and that you have found there: its updates then \
                go to that number.

                Example:
                  sluice outbox filed 12 2026-004711
                """)

        @OptionGroup var data: DataOptions

        @Argument(help: "The row's number.")
        var id: Int64

        @Argument(help: "The request's number there.")
        var number: String

        func validate() throws {
            if !(1...200).contains(number.utf8.count) { throw ValidationError("the number must have 1–200 bytes") }
        }

        func run() async throws {
            try await Failure.report {
                let noted = try await data.client()
                    .ask(
                        "outbox.filed", LocalCommands.OutboxFiled(id: id, number: number),
                        for: LocalCommands.Counted.self)
                guard noted.count > 0 else {
                    throw Failure("there is no row \(id) in the outbox", .noInput)
                }
                Terminal.say("noted")
            }
        }
    }
}
