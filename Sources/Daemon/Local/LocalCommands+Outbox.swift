internal import IssueStorage
internal import Readings

extension LocalCommands {
    struct OutboxRetry: Codable, Sendable {
        var selection: OutboxSelection
        /// What may have arrived is sent all the same.
        var isSure: Bool
    }

    struct OutboxFiled: Codable, Sendable {
        var id: Int64
        /// The request's number at the destination.
        var number: String
    }

    /// Refuses a destination that never was one.
    private static func checkDestination(of selection: OutboxSelection, _ store: any StoreDoor) async throws {
        guard let name = selection.destination else { return }
        let names = try await store.write { db in try OutboxWriter.destinationNames(in: db) }
        if !names.contains(name) { throw LocalError.unknown("destination", name, among: names) }
    }

    /// How many rows it was about.
    struct Counted: Codable, Sendable { var count: Int }

    /// - Parameters:
    ///   - clock: that of whoever delivers, which says what is due.
    ///   - changed: told when something may be due that was not.
    mutating func addOutbox(
        _ store: any StoreDoor, clock: WallClock, changed: @escaping @Sendable () -> Void = {}
    ) {
        register("outbox.retry", needs: .administer) { call in
            let wanted = try call.body(OutboxRetry.self)
            try await Self.checkDestination(of: wanted.selection, store)
            let count = try await store.write { db in
                try OutboxWriter.retry(
                    wanted.selection, isSure: wanted.isSure, in: db, nowMs: clock.nowMs())
            }
            changed()
            return Counted(count: count)
        }
        register("outbox.discard", needs: .administer) { call in
            let selection = try call.body(OutboxSelection.self)
            try await Self.checkDestination(of: selection, store)
            let count = try await store.write { db in try OutboxWriter.discard(selection, in: db) }
            // What stood behind it in its order may go.
            changed()
            return Counted(count: count)
        }
        register("outbox.filed", needs: .administer) { call in
            let wanted = try call.body(OutboxFiled.self)
            let isThere = try await store.write { db in
                try OutboxWriter.settle(
                    wanted.id, filedAs: wanted.number, in: db, nowMs: clock.nowMs())
            }
            changed()
            return Counted(count: isThere ? 1 : 0)
        }
    }
}
