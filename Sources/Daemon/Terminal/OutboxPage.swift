internal import Foundation
internal import IssueStorage
internal import Open311
internal import Readings

/// The outbox as a terminal or a program is shown it.
struct OutboxPage {
    let standings: [OutboxStanding]
    /// The oldest of those that were asked for.
    let items: [OutboxItem]
    /// How many there are in all.
    let total: Int

    /// A destination a line, then a change a line.
    var lines: [String] {
        let between = !standings.isEmpty && !items.isEmpty ? [""] : []
        return standings.map(\.line) + between + items.map(\.line)
    }

    var note: String {
        let shown = items.count < total ? "the oldest \(items.count) of \(total)" : "\(total)"
        return "\(shown) change\(total == 1 ? "" : "s") in the outbox"
    }

    var json: String {
        get throws {
            try Self.text([
                "destinations": standings.map(\.object), "total": total, "items": items.map(\.object),
            ])
        }
    }

    /// Everything about one change.
    static func text(_ item: OutboxItem) -> String { item.page }

    static func json(_ item: OutboxItem) throws -> String { try text(item.object) }

    private static func text(_ object: [String: Any]) throws -> String {
        String(
            decoding: try JSONSerialization.data(
                withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes]),
            as: UTF8.self)
    }
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
