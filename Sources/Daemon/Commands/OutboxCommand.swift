internal import ArgumentParser
internal import Foundation
internal import IssueStorage
internal import Open311
internal import Readings

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
            guard (1...100_000).contains(limit) else {
                throw ValidationError("--limit must be 1–100000, found \(limit)")
            }
        }

        func run() async throws {
            try await Failure.report {
                let reader = try data.reader()
                let standings = try await reader.outboxStandings().filter {
                    choice.destination == nil || $0.name == choice.destination
                }
                if let name = choice.destination, standings.isEmpty {
                    throw Failure("there is no destination \(name) in \(try data.directory())", .noInput)
                }
                let selection = choice.selection(states: state.states)
                let items = try await reader.outbox(selection, limit: limit)
                let total = try await reader.outboxCount(selection)
                if json {
                    let document: [String: Any] = [
                        "destinations": standings.map(\.object), "total": total, "items": items.map(\.object),
                    ]
                    return try Terminal.say(jsonText(document))
                }
                for standing in standings { Terminal.say(standing.line) }
                if !standings.isEmpty, !items.isEmpty { Terminal.say("") }
                for item in items { Terminal.say(item.line) }
                let shown = items.count < total ? "the oldest \(items.count) of \(total)" : "\(total)"
                Terminal.complain("\(shown) change\(total == 1 ? "" : "s") in the outbox")
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
                guard let item = try await data.reader().outbox(selection, limit: 1).first else {
                    throw Failure("there is no row \(id) in the outbox: it may have been delivered", .noInput)
                }
                try Terminal.say(json ? jsonText(item.object) : item.page)
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

private func jsonText(_ object: [String: Any]) throws -> String {
    String(
        decoding: try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes]),
        as: UTF8.self)
}

private func time(_ ms: Int64?) -> String? { ms.map { Timestamp.format($0) } }

extension OutboxStanding {
    fileprivate var line: String {
        var parts = ["\(queued) queued", "\(dead) given up", "\(delivered) delivered"]
        if retired > 0 { parts.append("\(retired) retired") }
        if isRetired { parts.append("not configured any more") }
        if let oldest = time(oldestQueuedAtMs) { parts.append("oldest \(oldest)") }
        return "\(name) (\(kind)): " + parts.joined(separator: ", ")
    }

    fileprivate var object: [String: Any] {
        [
            "name": name, "kind": kind, "configured": !isRetired, "queued": queued, "dead": dead, "retired": retired,
            "delivered": delivered, "oldest_queued_at": time(oldestQueuedAtMs) ?? NSNull(),
            "delivered_at": time(deliveredAtMs) ?? NSNull(),
        ]
    }
}

extension OutboxItem {
    fileprivate var line: String {
        let trouble = reason.map { ", after \(attempts) attempt\(attempts == 1 ? "" : "s"): \($0)" } ?? ""
        return "\(id)  \(destinationName)  \(state.rawValue)  \(update.id)  \(Terminal.printable(request.title))"
            + Terminal.printable(trouble)
    }

    fileprivate var page: String {
        let foreignName = foreign.map { $0.id ?? "token \($0.token ?? "")" }
        let fields: [(String, String?)] = [
            ("row", String(id)), ("destination", destinationName), ("state", state.rawValue),
            ("request", "\(requestID)  \(request.title)"), ("change", "\(update.id)  \(update.text)"),
            ("queued", time(queuedAtMs)), ("attempts", String(attempts)), ("last tried", time(triedAtMs)),
            ("due", state == .queued ? time(dueAtMs) : nil), ("reason", reason),
            ("may have arrived", unclearSinceMs.flatMap { time($0) }.map { "since \($0)" }),
            ("known there as", foreignName),
        ]
        return fields.compactMap { name, value in
            value.map { name.padding(toLength: 18, withPad: " ", startingAt: 0) + Terminal.printable($0) }
        }.joined(separator: "\n")
    }

    fileprivate var object: [String: Any] {
        [
            "id": id, "destination": destinationName, "state": state.rawValue, "service_request_id": String(requestID),
            "update_id": update.id, "queued_at": time(queuedAtMs) ?? NSNull(), "due_at": time(dueAtMs) ?? NSNull(),
            "attempts": attempts, "tried_at": time(triedAtMs) ?? NSNull(), "reason": reason ?? NSNull(),
            "may_have_arrived": unclearSinceMs != nil, "foreign_id": foreign?.id ?? NSNull(),
        ]
    }
}
