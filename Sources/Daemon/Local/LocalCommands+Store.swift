internal import IssueStorage
internal import NIOPosix
internal import Open311
internal import Readings

extension LocalCommands {
    /// Commands that need nothing but a store. Those of the outbox come apart: who delivers is told of them.
    ///
    /// - Parameter keysChanged: told when other keys hold than before.
    static func ofTheStore(
        _ store: any StoreDoor, _ reader: IssueReader, photos: PhotoShelf, clock: WallClock,
        keysChanged: @escaping @Sendable () async throws -> Void = {}
    ) -> LocalCommands {
        var commands = LocalCommands()
        commands.addKeys(store, clock, keysChanged)
        commands.addPrivacy(store, photos)
        commands.addAssets(store, reader, clock)
        commands.addQuarantine(store)
        return commands
    }

    // MARK: - Keys

    struct NewKey: Codable, Sendable {
        var name: String
        var roles: [AccessRole]
        var ratePerMinute: Int
        var isPublic: Bool
    }

    struct MadeKey: Codable, Sendable {
        var key: APIKey
        /// The key itself: told this once.
        var secret: String
    }

    struct Named: Codable, Sendable { var name: String }

    private mutating func addKeys(
        _ store: any StoreDoor, _ clock: WallClock, _ keysChanged: @escaping @Sendable () async throws -> Void
    ) {
        register("keys.add", needs: .administer) { call in
            let wanted = try call.body(NewKey.self)
            let secret = KeySecret()
            let nowMs = clock.nowMs()
            let key = try await store.write { db in
                try KeyTable.add(
                    db, secret: secret, name: wanted.name, roles: Set(wanted.roles),
                    ratePerMinute: wanted.ratePerMinute, isPublic: wanted.isPublic, atMs: nowMs)
            }
            try await keysChanged()
            return MadeKey(key: key, secret: secret.text)
        }
        register("keys.list", needs: .observe) { _ in
            try await store.write { db in try KeyTable.all(db).map(\.key) }
        }
        register("keys.revoke", needs: .administer) { call in
            let name = try call.body(Named.self).name
            let nowMs = clock.nowMs()
            try await store.write { db in try KeyTable.revoke(db, name: name, atMs: nowMs) }
            try await keysChanged()
            return LocalNothing()
        }
    }

    // MARK: - Privacy

    /// Whose personal data is to be erased.
    struct Erasure: Codable, Sendable {
        var request: Int64?
        var email: String?
        var phone: String?
        /// All that were stored before this time, in milliseconds since the Unix epoch.
        var beforeMs: Int64?
    }

    struct Erased: Codable, Sendable {
        var reporters: Int
        /// Photos of the requests that were meant, or that these people reported.
        var photos: Int
    }

    private mutating func addPrivacy(_ store: any StoreDoor, _ photos: PhotoShelf) {
        register("privacy.erase", needs: .administer) { call in
            let selections = try call.body(Erasure.self).selections
            guard !selections.isEmpty else {
                throw LocalError(code: "nobody_meant", "say whose data: a request, an address, a number or an age")
            }
            var erased = Erased(reporters: 0, photos: 0)
            for selection in selections {
                // The photos first: they are found by who reported them. Whoever is interrupted says it again.
                let names = try await store.write { db in try PhotoTable.names(db, selection) }
                erased.photos += try await NIOThreadPool.singleton.runIfActive { photos.remove(names) }
                while true {
                    let step = try await store.write { db in try ReporterTable.erase(db, selection) }
                    erased.reporters += step
                    guard case .before = selection, step == ReporterTable.step else { break }
                }
            }
            store.emptyLog()
            return erased
        }
    }
}

extension LocalCommands.Erasure {
    var selections: [ReporterTable.Selection] {
        [
            request.map { .request($0) }, email.map { .email($0) }, phone.map { .phone($0) },
            beforeMs.map { .before(ms: $0) },
        ].compactMap { $0 }
    }
}
