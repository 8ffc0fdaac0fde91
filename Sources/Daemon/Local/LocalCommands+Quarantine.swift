internal import Foundation
internal import Incidents
internal import IssueStorage
internal import Open311
internal import Readings

extension LocalCommands {
    struct QuarantineList: Codable, Sendable {
        var selection = QuarantineSelection()
        /// At most so many, the newest. Together they have ``mostListedBytes`` of payloads at most.
        var limit = 50
    }

    struct QuarantineListed: Codable, Sendable {
        /// How many are meant in all.
        var total: Int
        var messages: [QuarantinedText]
    }

    /// What became of messages that were tried again.
    struct QuarantineRetried: Codable, Sendable {
        struct One: Codable, Sendable {
            var id: Int64
            /// `read`, `unreadable`, `refused`, `cut` or `gone`.
            var outcome: String
            var readings: Int?
            /// Why it stays.
            var reason: String?
            var detail: String?
        }
        var messages: [One]
    }

    /// Messages of one transaction when many are deleted.
    private static let deletedAtOnce = 500
    private static let mostRetried = 100_000
    /// Of the payloads of one list, which is one line of the socket.
    private static let mostListedBytes = 16 << 20

    /// Looking must not wait for the thread that commits, nor keep it.
    mutating func addQuarantinePages(_ reader: IssueReader) {
        register("quarantine.list", needs: .observe) { call in
            let wanted = try call.body(QuarantineList.self)
            let entries = try await reader.quarantine(
                wanted.selection, limit: min(wanted.limit, 10_000), mostBytes: Self.mostListedBytes)
            return QuarantineListed(
                total: try await reader.quarantineCount(wanted.selection), messages: entries.map(QuarantinedText.init))
        }
    }

    /// What needs nothing but the store.
    mutating func addQuarantine(_ store: any StoreDoor) {
        register("quarantine.discard", needs: .administer) { call in
            let selection = try call.body(QuarantineSelection.self)
            var count = 0
            while true {
                let step = try await store.write { db in
                    try QuarantineTable.discard(db, selection, limit: Self.deletedAtOnce)
                }
                count += step
                if step < Self.deletedAtOnce { return Counted(count: count) }
            }
        }
    }

    /// Reading them again, which the running daemon alone can.
    mutating func addQuarantineRetry(_ desk: QuarantineDesk, _ store: any StoreDoor) {
        register("quarantine.retry", needs: .administer) { call in
            let selection = try call.body(QuarantineSelection.self)
            let ids = try await store.write { db in
                try QuarantineTable.ids(db, selection, limit: Self.mostRetried)
            }
            // A number that was named and is not there is worth a line.
            let all = selection.ids.map { Set($0).union(ids).sorted() } ?? ids
            let outcomes = try await desk.run(all) { await call.report(LocalProgress(done: $0, total: all.count)) }
            return QuarantineRetried(messages: outcomes.map(Self.told))
        }
    }

    /// Says, where no daemon runs, what needs one.
    mutating func addAbsent() {
        register("quarantine.retry", needs: .administer) { _ -> QuarantineRetried in
            throw LocalError(
                code: "no_daemon", "this needs the daemon, whose routes are to read the messages; start it first")
        }
    }

    private static func told(_ id: Int64, _ outcome: QuarantineDesk.Outcome) -> QuarantineRetried.One {
        switch outcome {
        case .read(let count): .init(id: id, outcome: "read", readings: count)
        case .unreadable(let reason, let detail):
            .init(id: id, outcome: "unreadable", reason: reason.label, detail: detail)
        case .refused(let reason, let sensor):
            .init(id: id, outcome: "refused", reason: reason.label, detail: "sensor \(sensor) is not admitted")
        case .cut: .init(id: id, outcome: "cut", detail: "only its first kilobytes had been kept")
        case .gone: .init(id: id, outcome: "gone", detail: "there is no message of this number")
        }
    }
}

/// One quarantined message as it is shown and sent.
struct QuarantinedText: Codable, Sendable {
    var id: Int64
    var reason: String
    /// When it arrived, in milliseconds since the Unix epoch.
    var arrivedAtMs: Int64
    var topic: String
    var detail: String
    /// Base64: a payload may be anything.
    var payload: String
    /// Bytes that it had; more than are kept where `isCut`.
    var bytes: Int
    var isCut: Bool

    init(_ entry: QuarantineEntry) {
        let message = entry.message
        id = entry.id
        reason = message.reason.label
        arrivedAtMs = message.arrivedAtMs
        topic = String(decoding: message.topic, as: UTF8.self)
        detail = message.detail
        payload = Data(message.payload).base64EncodedString()
        bytes = message.payloadBytes
        isCut = message.payloadSHA256 != nil
    }
}
